package everflow

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
)

const redacted = "(redacted)"

// Secret is the clear text of an API key. Formatting, logging or marshalling it
// by accident prints "(redacted)"; only Reveal gives the text away.
type Secret struct {
	// A function, since fmt prints the unexported fields of other structs down
	// to the last string, and asks no method of theirs.
	text func() string
}

// NewSecret wraps the clear text of an API key.
func NewSecret(text string) Secret { return Secret{text: func() string { return text }} }

// Reveal returns the clear text.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return s.text()
}

// IsEmpty reports whether there is no secret at all.
func (s Secret) IsEmpty() bool { return s.Reveal() == "" }

// SHA256 returns the lower-case hex SHA-256 of the clear text, which is safe to
// store and to show: keys are long and random.
func (s Secret) SHA256() string {
	sum := sha256.Sum256([]byte(s.Reveal()))
	return hex.EncodeToString(sum[:])
}

// Format implements [fmt.Formatter], so that no verb can print the text.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// LogValue implements [slog.LogValuer].
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON implements [json.Marshaler].
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// UnmarshalJSON implements [json.Unmarshaler].
func (s *Secret) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	*s = NewSecret(text)
	return nil
}
