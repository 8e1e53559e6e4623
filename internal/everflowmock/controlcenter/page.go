package controlcenter

import (
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

//go:embed html
var htmlFiles embed.FS

const (
	keysPath      = "/networks/security/apikeys"
	whitelistPath = "/networks/security/apiwhitelist"
	// listedCalls is how many of the newest calls the page lists.
	listedCalls = 200
)

// page serves the Security section of the Control Center as HTML.
type page struct {
	mock      *everflowmock.Server
	templates map[string]*template.Template

	mu      sync.Mutex
	secrets map[string]string // the secrets of new keys by their hashes, until they are shown
}

func newPage(mock *everflowmock.Server) *page {
	p := &page{mock: mock, templates: map[string]*template.Template{}, secrets: map[string]string{}}
	layout := template.Must(template.New("layout.html").Funcs(template.FuncMap{
		"time": formatTime, "join": strings.Join, "contains": slices.Contains[[]string],
	}).ParseFS(htmlFiles, "html/layout.html"))
	for _, name := range []string{"keys", "key", "created", "revoke", "whitelist", "edit-whitelist", "calls", "problem"} {
		p.templates[name] = template.Must(template.Must(layout.Clone()).ParseFS(htmlFiles, "html/"+name+".html"))
	}
	return p
}

func (p *page) register(mux *http.ServeMux) {
	for _, file := range []string{"style.css", "icon.svg"} {
		mux.HandleFunc("GET /"+file, func(w http.ResponseWriter, r *http.Request) {
			http.ServeFileFS(w, r, htmlFiles, "html/"+file)
		})
	}
	mux.HandleFunc("GET /{$}", p.listKeys)
	mux.HandleFunc("GET /keys/new", func(w http.ResponseWriter, _ *http.Request) {
		p.showKeyForm(w, http.StatusOK, keyForm{IsAllPermissions: true}, nil)
	})
	mux.HandleFunc("POST /keys/new", p.createKey)
	mux.HandleFunc("GET /keys/{id}/created", p.withKey(p.showSecret))
	mux.HandleFunc("GET /keys/{id}/edit", p.withKey(func(w http.ResponseWriter, _ *http.Request, k everflowmock.Key) {
		p.showKeyForm(w, http.StatusOK, keyForm{
			ID: k.ID, Name: k.Name, EmployeeID: k.EmployeeID,
			Permissions: k.Permissions, IsAllPermissions: k.IsAllPermissions,
		}, nil)
	}))
	mux.HandleFunc("POST /keys/{id}/edit", p.withKey(p.updateKey))
	mux.HandleFunc("GET /keys/{id}/revoke", p.withKey(func(w http.ResponseWriter, _ *http.Request, k everflowmock.Key) {
		p.render(w, http.StatusOK, "revoke", "Revoke an API key", p.keyRow(k))
	}))
	mux.HandleFunc("POST /keys/{id}/revoke", p.withKey(func(w http.ResponseWriter, r *http.Request, k everflowmock.Key) {
		err := p.mock.CallFromWebInterface(http.MethodPost, fmt.Sprintf("%s/%d/revoke", keysPath, k.ID), nil, nil)
		p.answerPost(w, r, err, "/?done=revoked")
	}))
	mux.HandleFunc("GET /whitelist", func(w http.ResponseWriter, _ *http.Request) {
		p.render(w, http.StatusOK, "whitelist", "API Whitelist", p.mock.Whitelist())
	})
	mux.HandleFunc("GET /whitelist/edit", func(w http.ResponseWriter, _ *http.Request) {
		p.showWhitelistForm(w, http.StatusOK, strings.Join(p.mock.Whitelist(), "\n"), nil)
	})
	mux.HandleFunc("POST /whitelist/edit", p.replaceWhitelist)
	mux.HandleFunc("GET /calls", func(w http.ResponseWriter, _ *http.Request) {
		calls := p.mock.Calls()
		slices.Reverse(calls)
		p.render(w, http.StatusOK, "calls", "Calls", calls[:min(len(calls), listedCalls)])
	})
	mux.HandleFunc("POST /calls/clear", func(w http.ResponseWriter, r *http.Request) {
		p.mock.ClearCalls()
		p.answerPost(w, r, nil, "/calls")
	})
	mux.HandleFunc("POST /reset", func(w http.ResponseWriter, r *http.Request) {
		p.answerPost(w, r, p.mock.Reset(), "/?done=reset")
	})
}

// view has what every page shows, and in Data what one of them shows.
type view struct {
	Title    string
	Tab      string
	Network  everflowmock.Network
	Caller   string // empty: the address of each connection
	Admitted bool
	Data     any
}

// tabs has the tab of each page that is not in the tab of the keys.
var tabs = map[string]string{"calls": "calls", "whitelist": "whitelist", "edit-whitelist": "whitelist"}

func (p *page) render(w http.ResponseWriter, status int, name, title string, data any) {
	caller := p.mock.CallerAddress()
	v := view{
		Title: title, Tab: cmp.Or(tabs[name], "keys"), Network: p.mock.State().Network,
		Admitted: !caller.IsValid() || p.mock.Admits(caller), Data: data,
	}
	if caller.IsValid() {
		v.Caller = caller.String()
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	p.templates[name].Execute(w, v) //nolint:errcheck // the browser has gone away
}

// answerPost redirects to a page that can be reloaded without a second POST, or
// shows the error.
func (p *page) answerPost(w http.ResponseWriter, r *http.Request, err error, to string) {
	if err != nil {
		p.render(w, http.StatusUnprocessableEntity, "problem", "Not done", err.Error())
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// keyRow is a key with its employee's name.
type keyRow struct {
	everflowmock.Key
	Employee string
}

func (p *page) keyRow(k everflowmock.Key) keyRow { return p.keyRows([]everflowmock.Key{k})[0] }

func (p *page) keyRows(keys []everflowmock.Key) (rows []keyRow) {
	names := map[int64]string{}
	for _, e := range p.mock.State().Employees {
		names[e.ID] = e.FullName
	}
	for _, k := range keys {
		rows = append(rows, keyRow{Key: k, Employee: cmp.Or(names[k.EmployeeID], fmt.Sprintf("Employee %d", k.EmployeeID))})
	}
	return rows
}

var notices = map[string]string{
	"revoked": "The API key was revoked.",
	"saved":   "The API key was saved.",
	"reset":   "The mock was reset to what it started with.",
}

func (p *page) listKeys(w http.ResponseWriter, r *http.Request) {
	status := r.URL.Query().Get("status")
	list := struct {
		Status, Notice string
		Keys           []keyRow
	}{Status: cmp.Or(status, "active"), Notice: notices[r.URL.Query().Get("done")]}
	keys := slices.DeleteFunc(p.mock.Keys(), func(k everflowmock.Key) bool {
		return status != "all" && k.Revoked() != (status == "revoked")
	})
	slices.Reverse(keys)
	list.Keys = p.keyRows(keys)
	p.render(w, http.StatusOK, "keys", "API Keys", list)
}

// keyForm is the settings of a key in the form.
type keyForm struct {
	ID               int64    `json:"-"`
	Name             string   `json:"name"`
	EmployeeID       int64    `json:"network_employee_id"`
	Permissions      []string `json:"permissions"`
	IsAllPermissions bool     `json:"is_all_permissions"`
}

func readKeyForm(r *http.Request) keyForm {
	f := keyForm{Name: r.PostFormValue("name"), IsAllPermissions: r.PostFormValue("access") == "all"}
	f.EmployeeID, _ = strconv.ParseInt(r.PostFormValue("employee"), 10, 64) // the API refuses 0
	if f.IsAllPermissions {
		return f
	}
	f.Permissions = slices.Clone(r.PostForm["permission"])
	for other := range strings.SplitSeq(r.PostFormValue("others"), ",") {
		if other = strings.TrimSpace(other); other != "" && !slices.Contains(f.Permissions, other) {
			f.Permissions = append(f.Permissions, other)
		}
	}
	return f
}

func (p *page) showKeyForm(w http.ResponseWriter, status int, f keyForm, err error) {
	state := p.mock.State()
	known := slices.Clone(f.Permissions)
	for _, role := range state.Roles {
		known = append(known, role.Permissions...)
	}
	slices.Sort(known)
	title := "New API key"
	if f.ID != 0 {
		title = "Edit API key"
	}
	p.render(w, status, "key", title, map[string]any{
		"Form": f, "Known": slices.Compact(known), "Employees": state.Employees,
		"Employee": p.keyRow(everflowmock.Key{EmployeeID: f.EmployeeID}).Employee, "Problem": problemText(err),
	})
}

func (p *page) createKey(w http.ResponseWriter, r *http.Request) {
	f := readKeyForm(r)
	var created struct {
		ID     int64  `json:"network_api_key_id"`
		Secret string `json:"api_key"`
	}
	if err := p.mock.CallFromWebInterface(http.MethodPost, keysPath, f, &created); err != nil {
		p.showKeyForm(w, http.StatusUnprocessableEntity, f, err)
		return
	}
	p.mu.Lock()
	p.secrets[everflowmock.HashAPIKey(created.Secret)] = created.Secret
	p.mu.Unlock()
	p.answerPost(w, r, nil, fmt.Sprintf("/keys/%d/created", created.ID))
}

func (p *page) showSecret(w http.ResponseWriter, _ *http.Request, k everflowmock.Key) {
	p.mu.Lock()
	secret := p.secrets[k.SHA256]
	delete(p.secrets, k.SHA256)
	p.mu.Unlock()
	p.render(w, http.StatusOK, "created", "API key created", map[string]any{"Key": p.keyRow(k), "Secret": secret})
}

func (p *page) updateKey(w http.ResponseWriter, r *http.Request, k everflowmock.Key) {
	f := readKeyForm(r)
	f.ID, f.EmployeeID = k.ID, k.EmployeeID
	if err := p.mock.CallFromWebInterface(http.MethodPut, fmt.Sprintf("%s/%d", keysPath, k.ID), f, nil); err != nil {
		p.showKeyForm(w, http.StatusUnprocessableEntity, f, err)
		return
	}
	p.answerPost(w, r, nil, "/?done=saved")
}

func (p *page) replaceWhitelist(w http.ResponseWriter, r *http.Request) {
	text := r.PostFormValue("ip_addresses")
	entries := strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(" \t\r\n,;", c) })
	body := map[string][]string{"ip_addresses": append([]string{}, entries...)}
	if err := p.mock.CallFromWebInterface(http.MethodPut, whitelistPath, body, nil); err != nil {
		p.showWhitelistForm(w, http.StatusUnprocessableEntity, text, err)
		return
	}
	p.answerPost(w, r, nil, "/whitelist")
}

func (p *page) showWhitelistForm(w http.ResponseWriter, status int, text string, err error) {
	p.render(w, status, "edit-whitelist", "Edit the API Whitelist", map[string]string{"Text": text, "Problem": problemText(err)})
}

// problemText is an error of the API without the field name that it starts with.
func problemText(err error) string {
	if err == nil {
		return ""
	}
	return strings.TrimPrefix(err.Error(), "ip_addresses: ")
}

// withKey calls f with the key of the path, and answers 404 without one.
func (p *page) withKey(f func(http.ResponseWriter, *http.Request, everflowmock.Key)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64) // no key has the ID 0
		k, ok := p.mock.Key(id)
		if !ok {
			p.render(w, http.StatusNotFound, "problem", "Not found", "There is no API key with this ID.")
			return
		}
		f(w, r, k)
	}
}

// formatTime formats Unix seconds, with 0 for never.
func formatTime(unix int64) template.HTML {
	if unix == 0 {
		return "Never"
	}
	t := time.Unix(unix, 0).UTC()
	return template.HTML(t.Format(`<time datetime="2006-01-02T15:04:05Z">2 Jan 2006 <small>15:04 UTC</small></time>`)) //nolint:gosec // digits and the names of months
}
