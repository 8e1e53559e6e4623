package browsertest

import (
	"flag"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

var picture = flag.String("picture", "", "write the README's picture of the page to this file")

func TestPicture_isWhatAPersonSees(t *testing.T) {
	t.Parallel()
	p := open(t, startMock(t))
	for _, name := range []string{"Nightly partner report", "Partner portal"} {
		p.click("+ API Key")
		p.do(
			chromedp.SendKeys("#name", name),
			chromedp.SetValue("#employee", "2"),
			chromedp.Click(`//label[contains(., "Only these")]/input`),
			chromedp.Click(`//label[contains(., "Reporting")]/input`),
		)
		p.click("Create API Key")
		p.click("I have copied it")
	}
	p.choose("Legacy API Key (Lee Leaver)", "Revoke")
	p.click("Revoke")
	p.callAPI(demoKey)
	p.click("All")
	p.do(chromedp.EmulateViewport(1080, 690), chromedp.Click(`//tr[th/bdi="Partner portal"]//summary`),
		chromedp.WaitVisible(`//tr[th/bdi="Partner portal"]//a[.="Revoke"]`))
	content := ask(p, chromedp.CaptureScreenshot())
	if *picture == "" {
		return
	}
	if err := os.WriteFile(*picture, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
