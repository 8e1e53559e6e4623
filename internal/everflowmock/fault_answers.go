package everflowmock

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"
)

// hugeBytes is how many blanks FaultHuge puts before the JSON.
const hugeBytes = 10 << 20

// slowPieces is in how many pieces FaultSlow sends a body.
const slowPieces = 20

// inject answers a call with a fault.
func (e *exchange) inject(f Fault) {
	a := newAnswer()
	if f.apiActs() {
		a = e.callAPI()
	}
	e.wait(e.server.opts.Latency)
	maps.Copy(a.header, f.Header)
	switch f.Kind {
	case FaultReset:
		e.resetConnection()
	case FaultHang:
		e.sendLate(a, f)
	case FaultSlow:
		e.sendSlowly(a, f.Delay)
	case FaultResetInBody:
		e.sendHeader(a)
		e.sendNow(firstHalf(a))
		e.resetConnection()
	default:
		f.change(a)
		e.send(a)
	}
}

func (e *exchange) sendLate(a *answer, f Fault) {
	if f.Delay == 0 {
		e.waitForClientToLeave()
	}
	e.wait(f.Delay)
	if !f.AfterActing {
		a = e.callAPI()
		maps.Copy(a.header, f.Header)
	}
	e.send(a)
}

func (e *exchange) sendSlowly(a *answer, d time.Duration) {
	e.sendHeader(a)
	if d == 0 {
		e.sendNow(firstHalf(a))
		e.waitForClientToLeave()
	}
	e.sendNow(nil)
	body := a.body.Bytes()
	for i := range slowPieces {
		e.wait(d / slowPieces)
		e.sendNow(body[i*len(body)/slowPieces : (i+1)*len(body)/slowPieces])
	}
}

// sendNow sends a part of the body, and the headers if they are not sent yet, without buffering.
func (e *exchange) sendNow(part []byte) {
	e.w.Write(part)
	http.NewResponseController(e.w).Flush()
}

func firstHalf(a *answer) []byte { return a.body.Bytes()[:a.body.Len()/2] }

// change makes an answer what the fault says. It is for the kinds whose answer is sent like any other.
func (f Fault) change(a *answer) {
	switch f.Kind {
	case FaultStatus:
		a.status = f.Status
		body := f.Body
		if body == "" {
			text := cmp.Or(http.StatusText(f.Status), "injected fault")
			body = fmt.Sprintf(`{"error":%q}`, text)
		}
		a.setBody(f.contentType(body), []byte(body))
	case FaultBody:
		a.status = http.StatusOK
		a.setBody(f.contentType(f.Body), []byte(f.Body))
	case FaultEmpty:
		a.status = http.StatusOK
		a.body.Reset()
	case FaultRedirect:
		a.status = cmp.Or(f.Status, http.StatusTemporaryRedirect)
		a.header.Set("Location", f.URL)
		a.body.Reset()
	case FaultTruncated:
		a.body.Truncate(a.body.Len() / 2)
	case FaultWrongTypes:
		a.rewriteJSON(wrongTypes)
	case FaultExtraFields:
		a.rewriteJSON(extraFields)
	case FaultHuge:
		body := append(bytes.Repeat([]byte(" "), hugeBytes), a.body.Bytes()...)
		a.body.Reset()
		a.body.Write(body)
	}
}

func (f Fault) contentType(body string) string {
	switch body = strings.TrimSpace(body); {
	case f.ContentType != "":
		return f.ContentType
	case strings.HasPrefix(body, "<"):
		return "text/html; charset=utf-8"
	case strings.HasPrefix(body, "{"), strings.HasPrefix(body, "["):
		return "application/json"
	default:
		return "text/plain; charset=utf-8"
	}
}

// rewriteJSON replaces the answer's JSON by what change makes of it. A body that is not JSON stays.
func (a *answer) rewriteJSON(change func(any) any) {
	d := json.NewDecoder(bytes.NewReader(a.body.Bytes()))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return
	}
	body, err := json.Marshal(change(v))
	if err != nil {
		return
	}
	a.body.Reset()
	a.body.Write(body)
}

func wrongTypes(v any) any {
	switch v := v.(type) {
	case json.Number:
		return v.String()
	case bool:
		return fmt.Sprint(v)
	case []any:
		for i := range v {
			v[i] = wrongTypes(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = wrongTypes(v[name])
		}
	}
	return v
}

func extraFields(v any) any {
	return everyObject(v, func(object map[string]any) {
		object["new_text"], object["new_number"], object["new_null"] = "new", 1.5, nil
		object["new_object"] = map[string]any{"list": []any{1, "two", true}}
	})
}
