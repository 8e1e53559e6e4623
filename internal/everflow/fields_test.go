package everflow_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

type object = map[string]any

func aKey() object {
	return object{
		"network_api_key_id": 2, "network_id": 1001, "name": "", "network_employee_id": 3,
		"permissions": []any{}, "is_all_permissions": false, "status": "revoked",
		"time_created": 0, "time_saved": 0, "time_last_used": 0, "time_revoked": 0,
	}
}

// answerFields are the fields that an answer cannot do without. The answer is complete
// but for what its test takes out of it.
type answerFields struct {
	operation string
	answer    func() any
	inside    func(answer any) object
	fields    []string
	// place is in front of the field's name in the error.
	place string
}

var needed = []answerFields{
	{
		operation: "getApiKey",
		answer:    func() any { return aKey() },
		fields:    keyFields,
	},
	{
		operation: "updateApiKey",
		answer:    func() any { return aKey() },
		fields:    keyFields,
	},
	{
		operation: "revokeApiKey",
		answer:    func() any { return aKey() },
		fields:    keyFields,
	},
	{
		operation: "searchApiKeys",
		answer:    aPage,
		fields:    []string{"api_keys"},
	},
	{
		operation: "searchApiKeys",
		answer:    aPage,
		inside:    func(answer any) object { return answer.(object)["api_keys"].([]any)[1].(object) },
		fields:    keyFields, place: "api_keys.",
	},
	{
		operation: "getApiWhitelist",
		answer:    aWhitelist,
		fields:    []string{"network_id", "ip_addresses"},
	},
	{
		operation: "replaceApiWhitelist",
		answer:    aWhitelist,
		fields:    []string{"network_id", "ip_addresses"},
	},
	{
		operation: "getNetwork",
		answer:    func() any { return object{"network_id": 1001} },
		fields:    []string{"network_id"},
	},
	{
		operation: "listEmployees",
		answer:    func() any { return []any{object{"network_employee_id": 1}} },
		inside:    func(answer any) object { return answer.([]any)[0].(object) },
		fields:    []string{"network_employee_id"}, place: "[].",
	},
	{
		operation: "listRoles",
		answer:    func() any { return []any{object{"role_id": 1, "permissions": []any{}}} },
		inside:    func(answer any) object { return answer.([]any)[0].(object) },
		fields:    []string{"role_id", "permissions"}, place: "[].",
	},
}

var keyFields = []string{
	"network_api_key_id", "name", "network_employee_id", "permissions", "is_all_permissions", "status",
}

func aPage() any {
	other := aKey()
	other["network_api_key_id"] = 1
	return object{"api_keys": []any{other, aKey()}, "paging": object{"page": 1, "page_size": 50, "total_count": 2}}
}

func aWhitelist() any {
	return object{"network_id": 1001, "ip_addresses": []any{}, "time_saved": 0}
}

func TestFields_thatAreMissingOrNullAreErrors(t *testing.T) {
	t.Parallel()
	for _, test := range needed {
		for _, field := range test.fields {
			for _, how := range []string{"missing", "null"} {
				t.Run(fmt.Sprint(test.operation, "/", test.place, field, "/", how), func(t *testing.T) {
					answer := test.answer()
					inside, ok := answer.(object)
					if test.inside != nil {
						inside, ok = test.inside(answer), true
					}
					if _, there := inside[field]; !ok || !there {
						t.Fatalf("the complete answer has no %s", field)
					}
					if how == "null" {
						inside[field] = nil
					} else {
						delete(inside, field)
					}
					got, err := answered(t, test.operation, answer)
					if want := fmt.Sprintf("the answer had no usable %q", test.place+field); err == nil || wantError(t, err).Message != want {
						t.Errorf("got %v, want %s", err, want)
					}
					if !reflect.ValueOf(got).IsZero() {
						t.Errorf("got %+v beside the error", got)
					}
				})
			}
		}
		t.Run(test.operation+"/"+test.place+"complete", func(t *testing.T) {
			if _, err := answered(t, test.operation, test.answer()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFields_thatCannotBeAreErrors(t *testing.T) {
	t.Parallel()
	with := func(answer any, field string, value any) object {
		changed := maps.Clone(answer.(object))
		changed[field] = value
		return changed
	}
	for name, test := range map[string]struct {
		operation string
		answer    any
		want      string
	}{
		"key of ID 0":              {operation: "getApiKey", answer: with(aKey(), "network_api_key_id", 0), want: `the answer had no usable "network_api_key_id"`},
		"key of a negative ID":     {operation: "getApiKey", answer: with(aKey(), "network_api_key_id", -2), want: `the answer had no usable "network_api_key_id"`},
		"key of employee 0":        {operation: "getApiKey", answer: with(aKey(), "network_employee_id", 0), want: `the answer had no usable "network_employee_id"`},
		"key without status":       {operation: "getApiKey", answer: with(aKey(), "status", ""), want: `the answer had no usable "status"`},
		"key with null permission": {operation: "getApiKey", answer: with(aKey(), "permissions", []any{"a", nil}), want: `the answer had no usable "permissions"`},
		"key with no permission":   {operation: "getApiKey", answer: with(aKey(), "permissions", []any{""}), want: `the answer had no usable "permissions"`},
		"key with one permission":  {operation: "getApiKey", answer: with(aKey(), "permissions", "Offers"), want: `the answer's field "permissions" is of the wrong type`},
		"key with a fractional ID": {operation: "getApiKey", answer: with(aKey(), "network_api_key_id", 2.5), want: `the answer's field "network_api_key_id" is of the wrong type`},
		"key with a huge ID":       {operation: "getApiKey", answer: with(aKey(), "network_api_key_id", json.Number("9223372036854775808")), want: `the answer's field "network_api_key_id" is of the wrong type`},
		"key with a date":          {operation: "getApiKey", answer: with(aKey(), "time_created", "2026-01-01"), want: `the answer's field "time_created" is of the wrong type`},
		"another key":              {operation: "getApiKey", answer: with(aKey(), "network_api_key_id", 3), want: "the answer was about API key 3, not 2"},
		"another key updated":      {operation: "updateApiKey", answer: with(aKey(), "network_api_key_id", 3), want: "the answer was about API key 3, not 2"},
		"another key revoked":      {operation: "revokeApiKey", answer: with(aKey(), "network_api_key_id", 3), want: "the answer was about API key 3, not 2"},
		"key active after revoke":  {operation: "revokeApiKey", answer: with(aKey(), "status", "active"), want: "API key 2 is not revoked after the call"},
		"key list of one key":      {operation: "searchApiKeys", answer: with(aPage(), "api_keys", aKey()), want: `the answer's field "api_keys" is of the wrong type`},
		"key list with null":       {operation: "searchApiKeys", answer: with(aPage(), "api_keys", []any{nil}), want: `the answer had no usable "api_keys.network_api_key_id"`},
		"two tables":               {operation: "searchApiKeys", answer: []any{aPage(), aPage()}, want: "the answer was JSON of another shape than expected"},
		"null entry":               {operation: "getApiWhitelist", answer: with(aWhitelist(), "ip_addresses", []any{"203.0.113.7", nil}), want: `the answer had no usable "ip_addresses"`},
		"one address":              {operation: "getApiWhitelist", answer: with(aWhitelist(), "ip_addresses", "203.0.113.7"), want: `the answer's field "ip_addresses" is of the wrong type`},
		"addresses in an object":   {operation: "getApiWhitelist", answer: with(aWhitelist(), "ip_addresses", object{}), want: `the answer's field "ip_addresses" is of the wrong type`},
		"numbers for addresses":    {operation: "getApiWhitelist", answer: with(aWhitelist(), "ip_addresses", []any{7}), want: `the answer's field "ip_addresses" is of the wrong type`},
		"two whitelists":           {operation: "getApiWhitelist", answer: []any{aWhitelist(), aWhitelist()}, want: "the answer was JSON of another shape than expected"},
		"employees in an object":   {operation: "listEmployees", answer: object{"employees": []any{}}, want: "the answer was JSON of another shape than expected"},
		"employee of ID 0":         {operation: "listEmployees", answer: []any{object{"network_employee_id": 0}}, want: `the answer had no usable "[].network_employee_id"`},
		"role of null permissions": {operation: "listRoles", answer: []any{object{"role_id": 1, "permissions": []any{nil}}}, want: `the answer had no usable "[].permissions"`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := answered(t, test.operation, test.answer)
			if err == nil || wantError(t, err).Message != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if !reflect.ValueOf(got).IsZero() {
				t.Errorf("got %+v beside the error", got)
			}
		})
	}
}

func TestFields_areKeptAsTheyAre(t *testing.T) {
	t.Parallel()
	key := aKey()
	maps.Copy(key, object{
		"network_api_key_id": 2, "network_id": int64(5_000_000_001), "name": "  ü <b>\"\u2028 ", "network_employee_id": int64(9_007_199_254_740_993),
		"permissions": []any{"b", "a", "b", "ä"}, "status": "of a third kind", "time_created": int64(4_102_444_800), "time_revoked": 1,
		"api_key": "not part of a key that is read",
	})
	got, err := answered(t, "getApiKey", key)
	want := everflow.APIKey{
		ID: 2, NetworkID: 5_000_000_001, Name: "  ü <b>\"\u2028 ", EmployeeID: 9_007_199_254_740_993,
		Permissions: []string{"a", "b", "ä"}, Status: "of a third kind", CreatedAt: 4_102_444_800, RevokedAt: 1,
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
	}
	if want.IsRevoked() {
		t.Error("a status that is not known counts as revoked")
	}

	key["is_all_permissions"] = true
	got, err = answered(t, "getApiKey", key)
	want.AllPermissions, want.Permissions = true, nil
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
	}

	list, err := answered(t, "getApiWhitelist", object{
		"network_id": 1, "ip_addresses": []any{"2001:DB8::/32", "203.0.113.7/32", "203.0.113.7/32", "of a new kind"}, "time_saved": 7,
	})
	if want := (everflow.Whitelist{NetworkID: 1, IPAddresses: []string{"2001:DB8::/32", "203.0.113.7/32", "203.0.113.7/32", "of a new kind"}, SavedAt: 7}); err != nil || !reflect.DeepEqual(list, want) {
		t.Errorf("got  %+v, %v\nwant %+v", list, err, want)
	}
}

func TestTime_isUTCAndZeroIsNever(t *testing.T) {
	t.Parallel()
	if moment, ok := everflow.Time(4_102_444_800).Time(); !ok || moment.String() != "2100-01-01 00:00:00 +0000 UTC" {
		t.Errorf("got %s, %t", moment, ok)
	}
	var yearOne everflow.Time
	if err := json.Unmarshal([]byte("-62135596800"), &yearOne); err != nil || yearOne != 0 {
		t.Errorf("the year 1 is %d, %v", yearOne, err)
	}
	if _, ok := everflow.Time(0).Time(); ok {
		t.Error("0 is a moment")
	}
}

// answered calls an operation that is given one answer, as JSON with status 200.
func answered(t *testing.T, name string, answer any) (any, error) {
	t.Helper()
	body, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	return answeredBy(t, name, string(body))
}

func answeredBy(t *testing.T, name, body string) (any, error) {
	t.Helper()
	client := newRun(t, everflow.Config{APIKey: everflow.NewSecret(ownKey), HTTPClient: replying(body), MaxRequestsPerSecond: 1e9})
	for _, operation := range everyOperation {
		if operation.name == name {
			return operation.call(context.Background(), client)
		}
	}
	t.Fatalf("no operation %s", name)
	return nil, nil
}

func TestUnusableFieldNamesAreNeverFromTheAnswer(t *testing.T) {
	t.Parallel()
	const secret = "Zq7XwPt4LmVb9RkN"
	for _, body := range []string{
		`{"` + secret + `": 1}`,
		`{"network_api_key_id": "` + secret + `"}`,
		`{"name": {"` + secret + `": 1}}`,
		`{"api_key": ["` + secret + `"]}`,
		`{"` + secret + `"`,
		secret,
	} {
		for _, operation := range everyOperation[:len(everyOperation)-1] {
			_, err := answeredBy(t, operation.name, body)
			if err == nil || strings.Contains(err.Error(), secret) {
				t.Errorf("%s: got %v", operation.name, err)
			}
		}
	}
}

// Everflow publishes nothing of this area: what is not needed may be left out.
func TestFields_thatNothingDependsOnMayBeLeftOut(t *testing.T) {
	t.Parallel()
	key := object{
		"network_api_key_id": 2, "name": "billing", "network_employee_id": 3,
		"permissions": []any{"Offers"}, "is_all_permissions": false, "status": "active", "time_last_used": nil,
	}
	everything := maps.Clone(key)
	everything["permissions"], everything["is_all_permissions"] = nil, true
	want := everflow.APIKey{ID: 2, Name: "billing", EmployeeID: 3, Permissions: []string{"Offers"}, Status: "active"}
	wantEverything := everflow.APIKey{ID: 2, Name: "billing", EmployeeID: 3, AllPermissions: true, Status: "active"}
	for name, test := range map[string]struct {
		operation string
		answer    any
		want      any
	}{
		"a key":                   {operation: "getApiKey", answer: key, want: want},
		"a key of all":            {operation: "getApiKey", answer: everything, want: wantEverything},
		"a page that is the only": {operation: "searchApiKeys", answer: object{"api_keys": []any{key}, "paging": object{"total_count": 1}}, want: []everflow.APIKey{want}},
		"a whitelist": {
			operation: "getApiWhitelist",
			answer:    object{"network_id": 1001, "ip_addresses": []any{"203.0.113.7"}},
			want:      everflow.Whitelist{NetworkID: 1001, IPAddresses: []string{"203.0.113.7"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := answered(t, test.operation, test.answer)
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, %v, want %+v", got, err, test.want)
			}
		})
	}
}
