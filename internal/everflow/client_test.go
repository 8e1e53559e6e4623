package everflow_test

import (
	"strings"
	"testing"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

func TestCheckAPIKey(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"k":                   "",
		"Zq7XwPt4LmVb9RkN==":  "",
		`!"#$%&'()*+,-./:;<>`: "",
		"":                    "the API key is empty",
		" Zq7XwPt4":           "the API key has white space or a line break at its start or end",
		"Zq7XwPt4\n":          "the API key has white space or a line break at its start or end",
		"Zq7XwPt4\u00a0":      "the API key has white space or a line break at its start or end",
		"\t":                  "the API key has white space or a line break at its start or end",
		"Zq7X wPt4":           "the API key has a space, a line break or a character that is not plain ASCII inside",
		"Zq7X\r\nwPt4":        "the API key has a space, a line break or a character that is not plain ASCII inside",
		"Zq7X\x00wPt4":        "the API key has a space, a line break or a character that is not plain ASCII inside",
		"Zq7X\x7fwPt4":        "the API key has a space, a line break or a character that is not plain ASCII inside",
		"Zq7X\u200bwPt4":      "the API key has a space, a line break or a character that is not plain ASCII inside",
		"Zq7Xwörter":          "the API key has a space, a line break or a character that is not plain ASCII inside",
		"Zq7X\xffwPt4":        "the API key has a space, a line break or a character that is not plain ASCII inside",
	} {
		err := everflow.CheckAPIKey(key)
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", key, err)
		case want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)):
			t.Errorf("%q: got %v, want %q…", key, err, want)
		case err != nil && (strings.Contains(err.Error(), "Zq7X") || strings.Contains(err.Error(), "wPt4")):
			t.Errorf("the error repeats the key: %v", err)
		}
	}
}

func TestNew_refusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	minusOne, ten := -1, 10
	for name, test := range map[string]struct {
		config everflow.Config
		want   string
	}{
		"defaults":            {everflow.Config{APIKey: everflow.NewSecret(ownKey)}, ""},
		"all set":             {everflow.Config{APIKey: everflow.NewSecret(ownKey), BaseURL: everflow.BaseURLEU, MaxRequestsPerSecond: 0.5, MaxRetries: &ten, RequestTimeout: time.Minute}, ""},
		"no key":              {everflow.Config{}, "the API key is empty"},
		"key with line break": {everflow.Config{APIKey: everflow.NewSecret(ownKey + "\n")}, "the API key has white space"},
		"plain http":          {everflow.Config{APIKey: everflow.NewSecret(ownKey), BaseURL: "http://api.eflow.team/v1"}, "the base URL is plain http"},
		"negative rate":       {everflow.Config{APIKey: everflow.NewSecret(ownKey), MaxRequestsPerSecond: -1}, "requests per second, retries and request timeout cannot be negative"},
		"negative retries":    {everflow.Config{APIKey: everflow.NewSecret(ownKey), MaxRetries: &minusOne}, "requests per second, retries and request timeout cannot be negative"},
		"negative timeout":    {everflow.Config{APIKey: everflow.NewSecret(ownKey), RequestTimeout: -time.Second}, "requests per second, retries and request timeout cannot be negative"},
	} {
		client, err := everflow.New(test.config)
		switch {
		case test.want == "" && (err != nil || client == nil):
			t.Errorf("%s: %v", name, err)
		case test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)):
			t.Errorf("%s: got %v, want %q…", name, err, test.want)
		}
	}
}

func TestKeySHA256_isThatOfTheKeyInUse(t *testing.T) {
	t.Parallel()
	client, err := everflow.New(everflow.Config{APIKey: everflow.NewSecret("abc")})
	if err != nil {
		t.Fatal(err)
	}
	const want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if got := client.KeySHA256(); got != want || everflowmock.HashAPIKey("abc") != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
