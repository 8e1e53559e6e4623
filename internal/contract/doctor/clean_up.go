package doctor

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// cleanUpWithin bounds what goes on after an interruption.
const cleanUpWithin = 90 * time.Second

// cleanUp is a context that outlives an interruption.
func cleanUp(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), cleanUpWithin)
}

// end revokes what is left, and says of each thing that was made what became of it.
func (l *keyLife) end(ctx context.Context) {
	if ctx.Err() != nil {
		l.config.Progress("Interrupted. Revoking what was made, which takes a minute and a half at most.")
	}
	ctx, cancel := cleanUp(ctx)
	defer cancel()
	ids, known := l.ours(ctx)
	if l.id != "" && !slices.Contains(ids, l.id) {
		ids = append(ids, l.id)
	}
	for _, id := range ids {
		l.report.Made = append(l.report.Made, l.endOf(ctx, id))
	}
	if len(ids) > 0 {
		return
	}
	look := "look in Everflow for a key named " + l.mark
	switch create := l.report.operation("createApiKey").Verdict; {
	case l.isMade:
		l.made("an API key", "made, by Everflow's answer, and not found in the table: "+look, true)
	case !known:
		l.made("an API key", "not known: the table of keys cannot be read as it should: "+look, true)
	case create == NotAsked || create == Differs:
		l.made("an API key", "none was found that createApiKey could have made; to be sure, "+look, false)
	}
}

func (l *keyLife) made(what, outcome string, alive bool) {
	l.report.Made = append(l.report.Made, Made{What: what, Outcome: outcome, Alive: alive})
}

// endOf makes sure that a key is revoked. Where the contract's way does not exist,
// the two others that APIs have are tried: the key is the doctor's own.
func (l *keyLife) endOf(ctx context.Context, id string) Made {
	what := "API key " + id
	if id == l.id && l.gone {
		return Made{What: what, Outcome: "revoked"}
	}
	one := l.calls["revokeApiKey"]
	revoke := request{method: one.method, path: withID(one.path, id), writes: true}
	path := withID(l.calls["getApiKey"].path, id)
	for _, way := range []request{
		revoke,
		{method: http.MethodDelete, path: path, writes: true},
		{method: http.MethodPut, path: path, writes: true, body: l.revokedSettings()},
	} {
		l.caller.guard.allow(way.method, way.path)
		a := l.ask(ctx, way)
		if !l.isGone(ctx, id, a) {
			continue
		}
		if way.path != revoke.path {
			l.report.operation("revokeApiKey").differ("call", "POST …/apikeys/{id}/revoke", way.method+" …/apikeys/{id}")
		}
		return Made{What: what, Outcome: "revoked"}
	}
	return Made{What: what, Outcome: "still alive, as far as is known: revoke the key named " + l.mark + " in Everflow", Alive: true}
}

func (l *keyLife) revokedSettings() object {
	body := l.settings(false)
	body["status"] = "revoked"
	return body
}

// isGone reports whether it is proved that the key is revoked or deleted: by its
// status, by its secret, or by two calls that do not know it any more.
func (l *keyLife) isGone(ctx context.Context, id string, a answer) bool {
	if id == l.id && l.accepted {
		switch l.statusWith(ctx, l.secret, http.StatusOK) {
		case http.StatusUnauthorized:
			return true
		case http.StatusOK:
			return false
		}
	}
	if a.isSuccess() && isRevoked(l.keyIn(a)) {
		return true
	}
	live := l.askKeyWithID(ctx, id)
	if live.isSuccess() {
		return isRevoked(l.keyIn(live))
	}
	ids, known := l.ours(ctx)
	return a.isSuccess() && live.isMissing() && l.report.operation("getApiKey").answered && known && !slices.Contains(ids, id)
}

// leftOver says which keys an earlier doctor left alive: one that was killed.
func (d *doctor) leftOver() {
	for _, key := range d.findings.table.keys {
		name, _ := key["name"].(string)
		id, ok := keyID(key)
		if ok && key["status"] == "active" && strings.HasPrefix(strings.TrimSpace(name), keyMark+"-") {
			d.report.Made = append(d.report.Made, Made{
				What:    fmt.Sprintf("API key %s, of an earlier run", id),
				Outcome: "still alive: revoke it in Everflow", Alive: true,
			})
		}
	}
}
