package everflow_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

const clearText = "Zq7XwPt4LmVb9RkN"

// holders are the values that have a secret in them, each in places that a
// method of Secret is asked for and in places that it is not.
func holders() map[string]any {
	type inside struct{ secret everflow.Secret }
	secret := everflow.NewSecret(clearText)
	created := everflow.CreatedAPIKey{APIKey: everflow.APIKey{ID: 5, Name: "ci"}, Secret: secret}
	client, _ := everflow.New(everflow.Config{APIKey: everflow.NewSecret(clearText)})
	return map[string]any{
		"Secret":            secret,
		"*Secret":           &secret,
		"CreatedAPIKey":     created,
		"*CreatedAPIKey":    &created,
		"[]CreatedAPIKey":   []everflow.CreatedAPIKey{created},
		"map":               map[string]everflow.Secret{"key": secret},
		"any":               []any{secret, created},
		"unexported field":  inside{secret},
		"*unexported field": &inside{secret},
		"nested":            struct{ in struct{ inside } }{struct{ inside }{inside{secret}}},
		"*Client":           client,
		"in doubt":          &everflow.CreateInDoubtError{Cause: errors.New("x"), Key: &created.APIKey},
	}
}

func wantHidden(t *testing.T, how, text string) {
	t.Helper()
	// As it is, in hexadecimal, in decimal.
	if strings.Contains(text, clearText) || strings.Contains(strings.ToLower(text), "5a7137587750") || strings.Contains(text, "90 113 55 88 119 80") {
		t.Errorf("%s: %s", how, text)
	}
}

func TestSecret_isPrintedByNothing(t *testing.T) {
	t.Parallel()
	for name, value := range holders() {
		for _, verb := range []string{
			"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%t", "%c", "%U", "%e", "%b", "%o", "%p", "%T", "%w", "%z", "%20v", "%-20.3s", "%!",
		} {
			wantHidden(t, name+" "+verb, fmt.Sprintf(verb, value))
		}
		wantHidden(t, name+" Errorf", fmt.Errorf("%w", fmt.Errorf("%v", value)).Error())
		wantHidden(t, name+" Sprint", fmt.Sprint(value, &value))
		body, _ := json.Marshal(value)
		wantHidden(t, name+" json", string(body))
		body, _ = json.MarshalIndent(map[string]any{"x": value}, "", " ")
		wantHidden(t, name+" json indent", string(body))
		body, _ = xml.Marshal(value)
		wantHidden(t, name+" xml", string(body))
		for _, handler := range []func(*bytes.Buffer) slog.Handler{
			func(to *bytes.Buffer) slog.Handler { return slog.NewTextHandler(to, nil) },
			func(to *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(to, nil) },
		} {
			var to bytes.Buffer
			slog.New(handler(&to)).With("with", value).Info("message", "value", value, slog.Group("group", "value", value))
			wantHidden(t, name+" slog", to.String())
		}
	}
}

func TestSecret_isShownAsRedacted(t *testing.T) {
	t.Parallel()
	secret := everflow.NewSecret(clearText)
	for verb, want := range map[string]string{"%v": "(redacted)", "%s": "(redacted)", "%q": "(redacted)", "%#v": "(redacted)", "%x": "(redacted)"} {
		if got := fmt.Sprintf(verb, secret); got != want {
			t.Errorf("%s: got %s, want %s", verb, got, want)
		}
	}
	if got, _ := json.Marshal(struct{ Secret everflow.Secret }{secret}); string(got) != `{"Secret":"(redacted)"}` {
		t.Errorf("got %s", got)
	}
	var to bytes.Buffer
	slog.New(slog.NewTextHandler(&to, nil)).Info("message", "secret", secret)
	if !strings.HasSuffix(to.String(), "secret=(redacted)\n") {
		t.Errorf("got %s", to.String())
	}
}

func TestConfig_isPrintedWithoutItsKey(t *testing.T) {
	t.Parallel()
	config := everflow.Config{APIKey: everflow.NewSecret(clearText)}
	for _, value := range []any{config, &config, []any{config}, struct{ Config everflow.Config }{config}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%p", "%w"} {
			wantHidden(t, verb, fmt.Sprintf(verb, value))
		}
		var to bytes.Buffer
		slog.New(slog.NewTextHandler(&to, nil)).Info("message", "config", value)
		slog.New(slog.NewJSONHandler(&to, nil)).Info("message", "config", value)
		wantHidden(t, "slog", to.String())
	}
}

func TestSecret_isRevealedOnPurposeOnly(t *testing.T) {
	t.Parallel()
	secret := everflow.NewSecret("abc")
	if got := secret.Reveal(); got != "abc" || secret.IsEmpty() {
		t.Errorf("got %q", got)
	}
	if got, want := secret.SHA256(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var none everflow.Secret
	if none.Reveal() != "" || !none.IsEmpty() || !everflow.NewSecret("").IsEmpty() || fmt.Sprint(none) != "(redacted)" {
		t.Error("the zero value is not empty")
	}
}

func TestSecret_isReadFromJSONText(t *testing.T) {
	t.Parallel()
	var secret everflow.Secret
	if err := json.Unmarshal([]byte(`"a\u0062c"`), &secret); err != nil || secret.Reveal() != "abc" {
		t.Errorf("got %q, %v", secret.Reveal(), err)
	}
	for _, raw := range []string{`["` + clearText + `"]`, `{"` + clearText + `": 1}`, `7`} {
		if err := json.Unmarshal([]byte(raw), &secret); err == nil || strings.Contains(err.Error(), clearText) {
			t.Errorf("%s: got %v", raw, err)
		}
	}
}

// The runtime prints what a program panics with by rules of its own.
func TestSecret_isNotInAPanic(t *testing.T) {
	t.Parallel()
	if name := os.Getenv("EVERFLOW_TEST_PANIC"); name != "" {
		panic(holders()[name])
	}
	for name := range holders() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSecret_isNotInAPanic$")
			again.Env = append(os.Environ(), "EVERFLOW_TEST_PANIC="+name, "GOTRACEBACK=all")
			output, err := again.CombinedOutput()
			if err == nil || !strings.Contains(string(output), "panic: ") {
				t.Fatalf("no panic: %v\n%s", err, output)
			}
			wantHidden(t, name, string(output))
		})
	}
}
