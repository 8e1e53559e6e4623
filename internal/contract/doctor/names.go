package doctor

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// hidden stands for a name that is not shown.
const hidden = "(a name that is not shown)"

// fieldName is how APIs name fields. Addresses, e-mail addresses, most secrets and
// names such as partner-portal are not written like that.
var fieldName = regexp.MustCompile(`^[A-Za-z]+(_[A-Za-z]+)*[0-9]?$`)

// names decides which names of fields may be shown. A server may answer an object
// whose fields are named by people, addresses or secrets: what was seen as a value
// is not shown as a name.
type names struct {
	values  map[string]bool
	secrets []string
}

func newNames(key everflow.Secret) *names {
	return &names{values: map[string]bool{}, secrets: []string{key.Reveal()}}
}

// learn remembers the texts of an answer.
func (n *names) learn(value any) {
	switch v := value.(type) {
	case string:
		n.values[strings.ToLower(v)] = true
	case json.Number:
		n.values[string(v)] = true
	case []any:
		for _, entry := range v {
			n.learn(entry)
		}
	case object:
		for name, inner := range v {
			if name != "permissions" { // their identifiers are words of the product
				n.learn(inner)
			}
		}
	}
}

// learnSecret remembers a secret, no part of which may be shown.
func (n *names) learnSecret(secret everflow.Secret) { n.secrets = append(n.secrets, secret.Reveal()) }

const longestName = 40

func (n *names) show(name string) string {
	if len(name) > longestName || !fieldName.MatchString(name) || n.values[strings.ToLower(name)] || n.isPartOfSecret(name) {
		return hidden
	}
	return name
}

func (n *names) isPartOfSecret(name string) bool {
	const part = 6
	for _, secret := range n.secrets {
		for i := 0; i+part <= len(secret); i++ {
			if strings.Contains(name, secret[i:i+part]) {
				return true
			}
		}
	}
	return false
}
