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

// wholeAnswer stands where a difference is about no single field.
const wholeAnswer = "(answer)"

// comparison holds a value against a schema of the contract.
type comparison struct {
	names *names
	order []Difference
	// count is how often each difference was seen, seen how often its field was
	// looked at: in a list they may differ from entry to entry.
	count map[Difference]int
	seen  map[string]int
	// unknown are fields that the contract does not have, with their types.
	unknown map[string]string
}

// compare returns what differs, and the fields that the contract does not have.
func compare(schema *openapi3.Schema, value any, names *names) ([]Difference, []UnknownField) {
	c := &comparison{names: names, count: map[Difference]int{}, seen: map[string]int{}, unknown: map[string]string{}}
	c.walk("", schema, value)
	return c.differences(), c.unknownFields()
}

func (c *comparison) differences() []Difference {
	found := make([]Difference, 0, len(c.order))
	for _, one := range c.order {
		if c.count[one] < c.seen[one.Field] {
			one.Got += ", in some entries"
		}
		found = append(found, one)
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

func (c *comparison) add(place, expected, got string) {
	one := Difference{Field: cmp.Or(place, wholeAnswer), Expected: expected, Got: got}
	if c.count[one]++; c.count[one] == 1 {
		c.order = append(c.order, one)
	}
}

func (c *comparison) walk(place string, schema *openapi3.Schema, value any) {
	schema = merged(schema)
	c.seen[cmp.Or(place, wholeAnswer)]++
	switch {
	case schema.Type.Is(openapi3.TypeObject):
		c.object(place, schema, value)
	case schema.Type.Is(openapi3.TypeArray):
		c.array(place, schema, value)
	case !hasType(schema, value):
		c.add(place, expectation(schema), kindOf(value))
	default:
		c.scalar(place, schema, value)
	}
}

func (c *comparison) object(place string, schema *openapi3.Schema, value any) {
	if list, ok := value.([]any); ok && len(list) > 0 && isLike(schema, list[0]) {
		c.add(place, expectation(schema), "array with it as its first entry")
		value = list[0]
	}
	found, ok := value.(object)
	if !ok {
		c.add(place, expectation(schema), kindOf(value))
		return
	}
	if likeness(schema, found) == 0 && !c.hasOtherNames(schema, found) {
		c.reportUnlike(place, schema, found)
		return
	}
	renamed := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		property, field := merged(schema.Properties[name].Value), join(place, name)
		inner, present := found[name]
		switch {
		case present:
			c.walk(field, property, inner)
		case !slices.Contains(schema.Required, name):
		default:
			if other, inner, ok := c.otherName(schema, property, name, found); ok {
				renamed[other] = true
				c.add(field, expectation(property), "no such field; "+c.names.show(other)+" seems to be it")
				c.walk(field, property, inner)
				continue
			}
			c.seen[field]++
			c.add(field, expectation(property), "no such field")
		}
	}
	for name, inner := range found {
		if schema.Properties[name] == nil && !renamed[name] {
			c.unknown[join(place, c.names.show(name))] = kindOf(inner)
		}
	}
}

// reportUnlike is about an object with none of the fields that are expected: an envelope, or
// something else.
func (c *comparison) reportUnlike(place string, schema *openapi3.Schema, found object) {
	if name, inner, ok := c.inside(schema, found); ok {
		c.add(place, expectation(schema), "the same inside the field "+name)
		c.object(place, schema, inner)
		return
	}
	c.add(place, expectation(schema)+" with "+strings.Join(schema.Required, ", "), "object with none of these fields")
	for name, inner := range found {
		c.unknown[join(place, c.names.show(name))] = kindOf(inner)
		inside, _ := inner.(object)
		for field, value := range inside {
			c.unknown[join(place, c.names.show(name)+"."+c.names.show(field))] = kindOf(value)
		}
	}
}

// inside looks for what is expected in the fields of an envelope.
func (c *comparison) inside(schema *openapi3.Schema, found object) (name string, inner any, ok bool) {
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if isLike(schema, found[name]) {
			return c.names.show(name), found[name], true
		}
	}
	return "", nil, false
}

// otherName looks for what is expected under another name: the same in another
// spelling, or a list or object of its form.
func (c *comparison) otherName(schema, property *openapi3.Schema, wanted string, found object) (name string, inner any, ok bool) {
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if schema.Properties[name] == nil && (normalized(name) == normalized(wanted) || isLike(property, found[name])) {
			return name, found[name], true
		}
	}
	return "", nil, false
}

func (c *comparison) hasOtherNames(schema *openapi3.Schema, found object) bool {
	return slices.ContainsFunc(schema.Required, func(name string) bool {
		_, _, ok := c.otherName(schema, merged(schema.Properties[name].Value), name, found)
		return ok
	})
}

// normalized is a name without what spellings such as snake_case and camelCase add.
func normalized(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
}

func (c *comparison) array(place string, schema *openapi3.Schema, value any) {
	if found, ok := value.(object); ok {
		if name, inner, ok := c.inside(schema, found); ok {
			c.add(place, expectation(schema), "object with it in the field "+name)
			value = inner
		}
	}
	entries, ok := value.([]any)
	if !ok {
		c.add(place, expectation(schema), kindOf(value))
		return
	}
	texts := map[string]bool{}
	for _, entry := range entries {
		c.walk(place+"[]", schema.Items.Value, entry)
		if text, ok := entry.(string); ok && schema.UniqueItems && texts[text] {
			c.add(place, "each entry once", "repeated entries")
		} else if ok {
			texts[text] = true
		}
	}
}

func (c *comparison) scalar(place string, schema *openapi3.Schema, value any) {
	switch v := value.(type) {
	case string:
		allowed := slices.ContainsFunc(schema.Enum, func(one any) bool { return one == v })
		switch {
		case len(schema.Enum) > 0 && !allowed:
			c.add(place, expectation(schema), "another string")
		case uint64(len(v)) < schema.MinLength:
			c.add(place, expectation(schema), "empty string")
		}
	case json.Number:
		n, err := strconv.ParseInt(string(v), 10, 64)
		switch {
		case err != nil:
			c.add(place, expectation(schema), "integer of more than 64 bits")
		case schema.Min != nil && float64(n) < *schema.Min:
			c.add(place, expectation(schema), "a smaller integer")
		case isTime(place) && n > largestSecond:
			c.add(place, "integer, Unix seconds", "integer too large for seconds, as milliseconds are")
		}
	}
}

// largestSecond is in the year 5138; in milliseconds it is in 1973.
const largestSecond = 100_000_000_000

func isTime(place string) bool {
	return strings.HasPrefix(place[strings.LastIndex(place, ".")+1:], "time_")
}

func hasType(schema *openapi3.Schema, value any) bool {
	switch value.(type) {
	case string:
		return schema.Type.Is(openapi3.TypeString)
	case bool:
		return schema.Type.Is(openapi3.TypeBoolean)
	case json.Number:
		return schema.Type.Is(openapi3.TypeInteger) && kindOf(value) == "integer"
	}
	return false
}

// expectation describes a schema.
func expectation(schema *openapi3.Schema) string {
	switch {
	case len(schema.Enum) > 0:
		var allowed []string
		for _, value := range schema.Enum {
			allowed = append(allowed, fmt.Sprintf("%q", value))
		}
		return "string " + strings.Join(allowed, " or ")
	case schema.Type.Is(openapi3.TypeArray):
		return "array of " + plural(merged(schema.Items.Value).Type.Slice()[0])
	case schema.Type.Is(openapi3.TypeInteger) && schema.Min != nil:
		return fmt.Sprintf("integer from %v", *schema.Min)
	case schema.MinLength > 0:
		return "string that is not empty"
	}
	return strings.Join(schema.Type.Slice(), " or ")
}

// isLike reports whether a value can be what a schema of an object or a list
// describes, under another name.
func isLike(schema *openapi3.Schema, value any) bool {
	const enough = 0.5
	switch v := value.(type) {
	case object:
		return schema.Type.Is(openapi3.TypeObject) && likeness(schema, v) >= enough
	case []any:
		if !schema.Type.Is(openapi3.TypeArray) {
			return false
		}
		items := merged(schema.Items.Value)
		return len(v) == 0 || isLike(items, v[0]) || hasType(items, v[0])
	}
	return false
}

// likeness is the part of the required fields that an object has, in any spelling.
func likeness(schema *openapi3.Schema, found object) float64 {
	switch {
	case schema.Type.Is(openapi3.TypeArray):
		return 0
	case len(schema.Required) == 0:
		return 1
	}
	names := map[string]bool{}
	for name := range found {
		names[normalized(name)] = true
	}
	have := 0
	for _, name := range schema.Required {
		if names[normalized(name)] {
			have++
		}
	}
	return float64(have) / float64(len(schema.Required))
}

func join(place, name string) string {
	if place == "" {
		return name
	}
	return place + "." + name
}
