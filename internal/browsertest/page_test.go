package browsertest

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

const demoKey = "everflow-mock-demo-key-not-a-secret"

// person is somebody in front of the page.
type person struct {
	*testing.T
	tab context.Context
	url string
}

func open(t *testing.T, url string) *person {
	t.Helper()
	tab, closeTab := chromedp.NewContext(browser)
	t.Cleanup(closeTab)
	tab, cancel := context.WithTimeout(tab, 2*time.Minute)
	t.Cleanup(cancel)
	p := &person{t, tab, url}
	p.do(chromedp.EmulateViewport(1100, 800), chromedp.Navigate(url+"/"))
	return p
}

func (p *person) do(actions ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	if err := chromedp.Do(p.tab, actions...); err != nil {
		p.Fatalf("%v\nThe page was:\n%s", err, p.text())
	}
}

// ask runs an action that has a value.
func ask[T any](p *person, action chromedp.Action[T]) T {
	p.Helper()
	value, err := chromedp.Run(p.tab, action)
	if err != nil {
		p.Fatal(err)
	}
	return value
}

func (p *person) text() string {
	return ask(p, chromedp.Evaluate[string](`location.pathname + "\n" + document.body.innerText`))
}

// click follows a link, or presses a button, with this text, and waits for the next page.
func (p *person) click(text string) {
	p.Helper()
	element := `//main//*[self::a or self::button][normalize-space()="` + text + `"]`
	response, err := chromedp.RunResponse(p.tab, chromedp.Click(element, chromedp.NodeVisible))
	if err != nil {
		p.Fatalf("%q: %v\nThe page was:\n%s", text, err, p.text())
	}
	if response.Status != http.StatusOK {
		p.Fatalf("%q leads to %d %s", text, response.Status, p.text())
	}
}

// choose opens the menu in the row of a key, and takes an entry.
func (p *person) choose(key, entry string) {
	p.Helper()
	row := `//tr[th/bdi="` + key + `"]`
	p.do(chromedp.Click(row + "//summary"))
	if _, err := chromedp.RunResponse(p.tab, chromedp.Click(row+`//a[.="`+entry+`"]`, chromedp.NodeVisible)); err != nil {
		p.Fatalf("%s: %v", entry, err)
	}
}

func (p *person) sees(texts ...string) {
	p.Helper()
	for _, text := range texts {
		if seen := p.text(); !strings.Contains(seen, text) {
			p.Errorf("%q is not on the page:\n%s", text, seen)
		}
	}
}

func (p *person) seesNo(text string) {
	p.Helper()
	if seen := p.text(); strings.Contains(seen, text) {
		p.Errorf("%q is on the page:\n%s", text, seen)
	}
}

// setWhitelist edits the list, which starts at any page.
func (p *person) setWhitelist(lines string) {
	p.Helper()
	p.click("API Whitelist")
	p.click("Edit")
	p.do(chromedp.SetValue("#ip_addresses", lines))
	p.click("Save")
}

// callAPI is the status of a call with the key.
func (p *person) callAPI(key string) int {
	p.Helper()
	req, err := http.NewRequestWithContext(p.Context(), http.MethodGet, p.url+"/v1/networks", nil)
	if err != nil {
		p.Fatal(err)
	}
	req.Header.Set("X-Eflow-API-Key", key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

func TestStory_aKeyIsMadeSeenOnceUsedAndRevoked(t *testing.T) {
	t.Parallel()
	p := open(t, startMock(t))
	p.click("+ API Key")
	p.do(
		chromedp.SendKeys("#name", "Partner portal"),
		chromedp.SetValue("#employee", "2"),
		chromedp.Click(`//label[contains(., "Only these")]/input`),
		chromedp.Click(`//label[contains(., "Offers")]/input`),
	)
	p.click("Create API Key")
	secret := ask(p, chromedp.Value("#secret"))
	if status := p.callAPI(secret); status != 200 {
		t.Errorf("the new key is answered %d", status)
	}
	p.sees("Copy it now.")
	p.do(chromedp.Reload())
	p.sees("The key was shown already")
	p.click("Back to the API keys")
	p.sees("Partner portal", "Pat Platform", "Offers")

	p.choose("Partner portal", "Edit")
	p.do(chromedp.SetValue("#name", "Portal"), chromedp.Click(`//label[contains(., "All permissions")]/input`))
	p.click("Save")
	p.sees("The API key was saved.", "Portal")
	p.seesNo("Partner portal")

	p.choose("Portal", "Revoke")
	p.sees("it can never be enabled again")
	p.click("Revoke")
	p.sees("The API key was revoked.")
	p.seesNo("Portal")
	if status := p.callAPI(secret); status != 401 {
		t.Errorf("the revoked key is answered %d", status)
	}
	p.click("Revoked")
	p.sees("Portal")
	p.click("Calls")
	p.sees("/v1/networks", "401")
	p.seesNo(secret)
}

func TestPage_isReachedByKeyboard(t *testing.T) {
	t.Parallel()
	p := open(t, startMock(t))
	var focused []string
	for range 9 {
		p.do(chromedp.KeyEvent("\t"))
		focused = append(focused, ask(p, chromedp.Evaluate[string](`document.activeElement.getAttribute("aria-label") || document.activeElement.innerText`)))
	}
	want := "Skip to the content,API Keys,API Whitelist,Calls,Active,Revoked,All,+ API Key,Actions for API key 4"
	if got := strings.Join(focused, ","); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	p.do(chromedp.KeyEvent("\r"), chromedp.WaitVisible(`//tr[th/bdi="Terraform"]//a[.="Revoke"]`))
}

// everyPage has a key with a name that wants to be more than text, and calls of each kind.
func everyPage(t *testing.T) (p *person, paths []string) {
	t.Helper()
	p = open(t, startMock(t))
	hostile := `<script>document.title="hacked"</script><img src=x onerror='document.title="hacked"'>` + strings.Repeat("long", 30) + "\u202e"
	body, _ := json.Marshal(map[string]any{"name": hostile, "network_employee_id": 2, "permissions": []string{hostile, "Offers"}})
	for path, body := range map[string]string{
		"apikeys": string(body), "apikeys/2/revoke": "", "apiwhitelist": `{"ip_addresses":["198.51.100.0/24","2001:db8:1234:5678:9abc:def0:1234:5678"]}`,
	} {
		method := http.MethodPost
		if path == "apiwhitelist" {
			method = http.MethodPut
		}
		req, err := http.NewRequestWithContext(t.Context(), method, p.url+"/_mock/web/networks/security/"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if resp.Body.Close(); resp.StatusCode != 200 {
			t.Fatalf("%s: %s", path, resp.Status)
		}
	}
	p.callAPI(demoKey)
	p.callAPI("unknown")
	return p, []string{
		"/", "/?status=revoked", "/?status=all&done=saved", "/keys/new", "/keys/5/edit", "/keys/5/revoke", "/keys/5/created",
		"/keys/99/edit", "/whitelist", "/whitelist/edit", "/calls",
	}
}

func TestPage_isAccessible(t *testing.T) {
	t.Parallel()
	p, paths := everyPage(t)
	for _, scheme := range []string{"light", "dark"} {
		p.do(func(ctx context.Context, tab *chromedp.Target) (none chromedp.Void, err error) {
			features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}
			_, err = cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
			return none, err
		})
		for _, path := range paths {
			p.do(chromedp.Navigate(p.url+path), chromedp.Evaluate[chromedp.Void](string(axe)),
				chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach(menu => menu.open = true)`))
			run := `axe.run().then(result => result.violations)`
			for _, violation := range ask(p, chromedp.Evaluate[[]violation](run, chromedp.EvalAwaitPromise)) {
				t.Errorf("%s, %s: %s: %s: %v", path, scheme, violation.ID, violation.Help, violation.Nodes)
			}
		}
	}
}

// violation is what axe finds wrong.
type violation struct {
	ID    string                  `json:"id"`
	Help  string                  `json:"help"`
	Nodes []struct{ HTML string } `json:"nodes"`
}

func TestPage_fitsOnAPhoneAndRunsNothing(t *testing.T) {
	t.Parallel()
	p, paths := everyPage(t)
	p.do(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile))
	for _, path := range paths {
		p.do(chromedp.Navigate(p.url + path))
		if width := ask(p, chromedp.Evaluate[int](`document.documentElement.scrollWidth`)); width > 360 {
			t.Errorf("%s is %d pixels wide", path, width)
		}
		if title := ask(p, chromedp.Title()); !strings.HasSuffix(title, "Everflow mock") {
			t.Errorf("%s: a script ran: %q", path, title)
		}
	}
}
