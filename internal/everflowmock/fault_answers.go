package everflowmock

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// hugeBytes is the padding of FaultHuge.
const hugeBytes = 10 << 20

// slowPieces is in how many pieces FaultSlow sends a body.
const slowPieces = 20

// spoil answers a call that met a fault.
func (e *exchange) spoil(f Fault) {
	a := newAnswer()
	if f.acts() {
		a = e.act()
	}
	e.wait(e.server.opts.Latency)
	for name, values := range f.Header {
		a.header[name] = values
	}
	switch f.Kind {
	case FaultReset:
		e.reset()
	case FaultHang:
		e.hang(f, a)
	case FaultSlow:
		e.trickle(a, f.Delay)
	case FaultCut:
		e.sendHeader(a)
		e.write(half(a))
		e.reset()
	default:
		f.spoil(a)
		e.send(a)
	}
}

func (e *exchange) hang(f Fault, a *answer) {
	if f.Delay == 0 {
		e.waitForClientToLeave()
	}
	e.wait(f.Delay)
	if !f.After {
		header := a.header
		a = e.act()
		for name, values := range header {
			a.header[name] = values
		}
	}
	e.send(a)
}

func (e *exchange) trickle(a *answer, d time.Duration) {
	e.sendHeader(a)
	if d == 0 {
		e.write(half(a))
		e.waitForClientToLeave()
	}
	e.write(nil)
	body := a.body.Bytes()
	for i := range slowPieces {
		e.wait(d / slowPieces)
		e.write(body[i*len(body)/slowPieces : (i+1)*len(body)/slowPieces])
	}
}

// write sends something now, even if it is only the headers.
func (e *exchange) write(p []byte) {
	e.w.Write(p)
	http.NewResponseController(e.w).Flush()
}

func half(a *answer) []byte { return a.body.Bytes()[:a.body.Len()/2] }

// spoil changes the answer of the kinds that are sent like any other answer.
func (f Fault) spoil(a *answer) {
	switch f.Kind {
	case FaultStatus:
		a.status = f.Status
		body := f.Body
		if body == "" {
			text := cmp.Or(http.StatusText(f.Status), "injected fault")
			body = fmt.Sprintf(`{"error":%q}`, text)
		}
		a.replace(f.contentType(body), []byte(body))
	case FaultBody:
		a.status = http.StatusOK
		a.replace(f.contentType(f.Body), []byte(f.Body))
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
		a.rewrite(wrongTypes)
	case FaultExtraFields:
		a.rewrite(extraFields)
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

// rewrite passes an answer's JSON through change. What is not JSON stays.
func (a *answer) rewrite(change func(any) any) {
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
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = extraFields(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = extraFields(v[name])
		}
		v["new_text"], v["new_number"], v["new_null"] = "new", 1.5, nil
		v["new_object"] = map[string]any{"list": []any{1, "two", true}}
	}
	return v
}
