package doctor

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// hiddenName is shown in place of a name that may be a value of the account.
const hiddenName = "(hidden name)"

// fieldName matches the usual names of fields. IP addresses, e-mail addresses, most
// secrets and names such as partner-portal do not match.
var fieldName = regexp.MustCompile(`^[A-Za-z]+(_[A-Za-z]+)*[0-9]?$`)

// names decides which names of fields may be shown. An answer may hold an object whose
// field names are people, addresses or secrets, so a name that also occurs as a value
// is hidden.
type names struct {
	values  map[string]bool
	secrets []string
}

func newNames(key everflow.Secret) *names {
	return &names{values: map[string]bool{}, secrets: []string{key.Reveal()}}
}

// addValues remembers the values of an answer.
func (n *names) addValues(value any) {
	switch v := value.(type) {
	case string:
		n.values[strings.ToLower(v)] = true
	case json.Number:
		n.values[string(v)] = true
	case []any:
		for _, entry := range v {
			n.addValues(entry)
		}
	case object:
		for name, inner := range v {
			if name != "permissions" { // their identifiers are Everflow's, not the account's
				n.addValues(inner)
			}
		}
	}
}

// addSecret remembers a secret. A name that contains a part of it is hidden.
func (n *names) addSecret(secret everflow.Secret) { n.secrets = append(n.secrets, secret.Reveal()) }

// showable returns the name, or hiddenName.
func (n *names) showable(name string) string {
	const maxLength = 40
	if len(name) > maxLength || !fieldName.MatchString(name) || n.values[strings.ToLower(name)] || n.isPartOfSecret(name) {
		return hiddenName
	}
	return name
}

func (n *names) isPartOfSecret(name string) bool {
	const partLength = 6
	for _, secret := range n.secrets {
		for i := 0; i+partLength <= len(secret); i++ {
			if strings.Contains(name, secret[i:i+partLength]) {
				return true
			}
		}
	}
	return false
}
