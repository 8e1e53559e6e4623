package everflowmock

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// ReadSeed reads and checks a seed file. Its errors name the place and the
// fix, and never repeat a secret.
func ReadSeed(path string) (*Seed, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("seed file: %w", err)
	}
	seed, err := ParseSeed(raw)
	if err != nil {
		return nil, fmt.Errorf("seed file %s: %w", path, err)
	}
	return seed, nil
}

// ParseSeed is ReadSeed for a file's content.
func ParseSeed(raw []byte) (*Seed, error) {
	seed, err := decodeSeed(raw)
	if err != nil {
		return nil, err
	}
	_, err = seed.data(time.Unix(0, 0))
	return seed, err
}

// decodeSeed decodes each element on its own, so that an error can name its place.
func decodeSeed(raw []byte) (*Seed, error) {
	var file struct {
		Network       json.RawMessage   `json:"network"`
		Employees     []json.RawMessage `json:"employees"`
		Roles         []json.RawMessage `json:"roles"`
		Keys          []json.RawMessage `json:"api_keys"`
		Whitelist     []string          `json:"api_whitelist"`
		OtherNetworks []json.RawMessage `json:"other_networks"`
	}
	if err := decodeStrict(raw, "", &file); err != nil {
		return nil, err
	}
	if file.Network == nil {
		return nil, errors.New("network: missing; it needs at least network_id and name")
	}
	seed := &Seed{Whitelist: file.Whitelist}
	err := decodeStrict(file.Network, "network", &seed.Network)
	return seed, errors.Join(err,
		decodeList(file.Employees, "employees", &seed.Employees),
		decodeList(file.Roles, "roles", &seed.Roles),
		decodeList(file.Keys, "api_keys", &seed.Keys),
		decodeList(file.OtherNetworks, "other_networks", &seed.OtherNetworks))
}

func decodeList[T any](raw []json.RawMessage, place string, into *[]T) error {
	for i, element := range raw {
		var v T
		if err := decodeStrict(element, fmt.Sprintf("%s[%d]", place, i), &v); err != nil {
			return err
		}
		*into = append(*into, v)
	}
	return nil
}

func decodeStrict(raw []byte, place string, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		err = errors.New("there is more than one JSON value: keep the first")
	}
	var syntax *json.SyntaxError
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		line := 1 + bytes.Count(raw[:syntax.Offset], []byte("\n"))
		err = fmt.Errorf("line %d is not valid JSON: %w", line, syntax)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		err = errors.New("the JSON ends too early")
	case errors.As(err, &wrongType):
		kind, _, _ := strings.Cut(wrongType.Value, " ") // a number is followed by its digits
		err = fmt.Errorf("want %s, not %s", jsonName(wrongType.Type.Kind().String()), kind)
		if field := strings.TrimPrefix(wrongType.Field, "Key."); field != "" { // Key is embedded in SeedKey
			err = fmt.Errorf("%s: %w", field, err)
		}
	default:
		err = errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	if place != "" {
		err = fmt.Errorf("%s: %w", place, err)
	}
	return err
}

func jsonName(kind string) string {
	switch {
	case strings.HasPrefix(kind, "int"):
		return "an integer"
	case kind == "bool":
		return "true or false"
	case kind == "slice":
		return "a list"
	case kind == "struct":
		return "an object"
	}
	return "a " + kind
}
