package doctor

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// wholeAnswer is the field of a difference that is not about one field.
const wholeAnswer = "(whole answer)"

// comparison compares a value with a schema of the contract.
type comparison struct {
	names *names
	order []Difference
	// count is how often each difference was found, and seen how often its field was
	// compared. In an array the entries may differ.
	count map[Difference]int
	seen  map[string]int
	// unknown are the types of the fields that are not in the contract.
	unknown map[string]string
}

// compare returns the differences, and the fields that are not in the contract.
func compare(schema *openapi3.Schema, value any, names *names) ([]Difference, []UnknownField) {
	c := &comparison{names: names, count: map[Difference]int{}, seen: map[string]int{}, unknown: map[string]string{}}
	c.walk("", schema, value)
	return c.differences(), c.unknownFields()
}

func (c *comparison) differences() []Difference {
	found := make([]Difference, 0, len(c.order))
	for _, d := range c.order {
		if c.count[d] < c.seen[d.Field] {
			d.Got += ", in some entries"
		}
		found = append(found, d)
	}
	return found
}

func (c *comparison) unknownFields() []UnknownField {
	var found []UnknownField
	for _, field := range slices.Sorted(maps.Keys(c.unknown)) {
		found = append(found, UnknownField{Field: field, Got: c.unknown[field]})
	}
	return found
}

func (c *comparison) add(path, expected, got string) {
	d := Difference{Field: cmp.Or(path, wholeAnswer), Expected: expected, Got: got}
	c.count[d]++
	if c.count[d] == 1 {
		c.order = append(c.order, d)
	}
}

func (c *comparison) walk(path string, schema *openapi3.Schema, value any) {
	schema = mergeAllOf(schema)
	c.seen[cmp.Or(path, wholeAnswer)]++
	switch {
	case schema.Type.Is(openapi3.TypeObject):
		c.object(path, schema, value)
	case schema.Type.Is(openapi3.TypeArray):
		c.array(path, schema, value)
	case !hasType(schema, value):
		c.add(path, expectation(schema), jsonType(value))
	default:
		c.scalar(path, schema, value)
	}
}

func (c *comparison) object(path string, schema *openapi3.Schema, value any) {
	if list, ok := value.([]any); ok && len(list) > 0 && resembles(schema, list[0]) {
		c.add(path, expectation(schema), "array that has this object as its first entry")
		value = list[0]
	}
	found, ok := value.(object)
	if !ok {
		c.add(path, expectation(schema), jsonType(value))
		return
	}
	if shareOfRequired(schema, found) == 0 && !c.hasRenamed(schema, found) {
		c.addUnrelated(path, schema, found)
		return
	}
	renamed := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		property, field := mergeAllOf(schema.Properties[name].Value), joinPath(path, name)
		inner, present := found[name]
		switch {
		case present:
			c.walk(field, property, inner)
		case !slices.Contains(schema.Required, name):
		default:
			if other, inner, ok := c.findRenamed(schema, property, name, found); ok {
				renamed[other] = true
				c.add(field, expectation(property), "no such field; similar field: "+c.names.showable(other))
				c.walk(field, property, inner)
				continue
			}
			c.seen[field]++
			c.add(field, expectation(property), "no such field")
		}
	}
	for name, inner := range found {
		if schema.Properties[name] == nil && !renamed[name] {
			c.unknown[joinPath(path, c.names.showable(name))] = jsonType(inner)
		}
	}
}

// addUnrelated handles an object that has none of the expected fields: it is an
// envelope, or something else.
func (c *comparison) addUnrelated(path string, schema *openapi3.Schema, found object) {
	if name, inner, ok := c.findInEnvelope(schema, found); ok {
		c.add(path, expectation(schema), "this object inside the field "+name)
		c.object(path, schema, inner)
		return
	}
	c.add(path, expectation(schema)+" with "+strings.Join(schema.Required, ", "), "object with none of these fields")
	for name, inner := range found {
		c.unknown[joinPath(path, c.names.showable(name))] = jsonType(inner)
		fields, _ := inner.(object)
		for field, value := range fields {
			c.unknown[joinPath(path, c.names.showable(name)+"."+c.names.showable(field))] = jsonType(value)
		}
	}
}

// findInEnvelope looks in the fields of an object for a value that resembles the schema.
func (c *comparison) findInEnvelope(schema *openapi3.Schema, found object) (name string, inner any, ok bool) {
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if resembles(schema, found[name]) {
			return c.names.showable(name), found[name], true
		}
	}
	return "", nil, false
}

// findRenamed looks for a property under another name: the same name in another
// spelling, or a field whose object or array resembles it.
func (c *comparison) findRenamed(schema, property *openapi3.Schema, wanted string, found object) (name string, inner any, ok bool) {
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if schema.Properties[name] == nil && (normalizeName(name) == normalizeName(wanted) || resembles(property, found[name])) {
			return name, found[name], true
		}
	}
	return "", nil, false
}

func (c *comparison) hasRenamed(schema *openapi3.Schema, found object) bool {
	return slices.ContainsFunc(schema.Required, func(name string) bool {
		_, _, ok := c.findRenamed(schema, mergeAllOf(schema.Properties[name].Value), name, found)
		return ok
	})
}

// normalizeName returns the same text for a name in snake_case, camelCase and kebab-case.
func normalizeName(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
}

func (c *comparison) array(path string, schema *openapi3.Schema, value any) {
	if found, ok := value.(object); ok {
		if name, inner, ok := c.findInEnvelope(schema, found); ok {
			c.add(path, expectation(schema), "this array inside the field "+name)
			value = inner
		}
	}
	entries, ok := value.([]any)
	if !ok {
		c.add(path, expectation(schema), jsonType(value))
		return
	}
	texts := map[string]bool{}
	for _, entry := range entries {
		c.walk(path+"[]", schema.Items.Value, entry)
		if text, ok := entry.(string); ok && schema.UniqueItems && texts[text] {
			c.add(path, "unique entries", "repeated entries")
		} else if ok {
			texts[text] = true
		}
	}
}

func (c *comparison) scalar(path string, schema *openapi3.Schema, value any) {
	switch v := value.(type) {
	case string:
		allowed := slices.ContainsFunc(schema.Enum, func(value any) bool { return value == v })
		switch {
		case len(schema.Enum) > 0 && !allowed:
			c.add(path, expectation(schema), "string with another value")
		case uint64(len(v)) < schema.MinLength:
			c.add(path, expectation(schema), "empty string")
		}
	case json.Number:
		n, err := strconv.ParseInt(string(v), 10, 64)
		switch {
		case err != nil:
			c.add(path, expectation(schema), "integer with more than 64 bits")
		case schema.Min != nil && float64(n) < *schema.Min:
			c.add(path, expectation(schema), "smaller integer")
		case isTimeField(path) && n > largestSecond:
			c.add(path, "integer, Unix time in seconds", "integer too large for seconds, possibly milliseconds")
		}
	}
}

// largestSecond is in the year 5138; in milliseconds it is in 1973.
const largestSecond = 100_000_000_000

func isTimeField(path string) bool {
	return strings.HasPrefix(path[strings.LastIndex(path, ".")+1:], "time_")
}

func hasType(schema *openapi3.Schema, value any) bool {
	switch value.(type) {
	case string:
		return schema.Type.Is(openapi3.TypeString)
	case bool:
		return schema.Type.Is(openapi3.TypeBoolean)
	case json.Number:
		return schema.Type.Is(openapi3.TypeInteger) && jsonType(value) == "integer"
	}
	return false
}

// expectation describes a schema for the report.
func expectation(schema *openapi3.Schema) string {
	switch {
	case len(schema.Enum) > 0:
		var allowed []string
		for _, value := range schema.Enum {
			allowed = append(allowed, fmt.Sprintf("%q", value))
		}
		return "string " + strings.Join(allowed, " or ")
	case schema.Type.Is(openapi3.TypeArray):
		return "array of " + plural(mergeAllOf(schema.Items.Value).Type.Slice()[0])
	case schema.Type.Is(openapi3.TypeInteger) && schema.Min != nil:
		return fmt.Sprintf("integer, at least %v", *schema.Min)
	case schema.MinLength > 0:
		return "non-empty string"
	}
	return strings.Join(schema.Type.Slice(), " or ")
}

// resembles reports whether a value is probably what the schema of an object or array
// describes: an object needs half of the required fields.
func resembles(schema *openapi3.Schema, value any) bool {
	switch v := value.(type) {
	case object:
		return schema.Type.Is(openapi3.TypeObject) && shareOfRequired(schema, v) >= 0.5
	case []any:
		if !schema.Type.Is(openapi3.TypeArray) {
			return false
		}
		items := mergeAllOf(schema.Items.Value)
		return len(v) == 0 || resembles(items, v[0]) || hasType(items, v[0])
	}
	return false
}

// shareOfRequired returns the share of the required fields that an object has, in any
// spelling.
func shareOfRequired(schema *openapi3.Schema, found object) float64 {
	switch {
	case schema.Type.Is(openapi3.TypeArray):
		return 0
	case len(schema.Required) == 0:
		return 1
	}
	names := map[string]bool{}
	for name := range found {
		names[normalizeName(name)] = true
	}
	have := 0
	for _, name := range schema.Required {
		if names[normalizeName(name)] {
			have++
		}
	}
	return float64(have) / float64(len(schema.Required))
}

// joinPath returns the path of a field, such as "paging.page".
func joinPath(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
