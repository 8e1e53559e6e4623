package provider_test

import (
	"maps"
	"slices"
	"strings"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// ofAnyCall are differences that any call can have.
var ofAnyCall = map[string]difference{
	"no such path, JSON":  {list: []everflowmock.Difference{{Kind: everflowmock.DifferenceUnknownPath, Value: "json-404"}}},
	"no such path, HTML":  {list: []everflowmock.Difference{{Kind: everflowmock.DifferenceUnknownPath, Value: "html-404"}}},
	"no such method":      {list: []everflowmock.Difference{{Kind: everflowmock.DifferenceUnknownPath, Value: "405"}}},
	"status 201":          {effect: harmless, list: []everflowmock.Difference{{Kind: everflowmock.DifferenceHTTPStatus, Value: "201"}}},
	"status 202":          {list: []everflowmock.Difference{{Kind: everflowmock.DifferenceHTTPStatus, Value: "202"}}},
	"status 204":          {list: []everflowmock.Difference{{Kind: everflowmock.DifferenceHTTPStatus, Value: "204"}}},
	"no body":             {list: []everflowmock.Difference{{Kind: everflowmock.DifferenceNoBody}}},
	"in an object":        {list: []everflowmock.Difference{{Kind: everflowmock.DifferenceInObject, Value: "data"}}},
	"in a list":           {list: []everflowmock.Difference{{Kind: everflowmock.DifferenceInList}}},
	"IDs as text":         {effect: harmless, list: []everflowmock.Difference{{Kind: everflowmock.DifferenceIDsAsStrings}}},
	"times in RFC 3339":   {effect: harmless, list: []everflowmock.Difference{{Kind: everflowmock.DifferenceTimes, Value: "rfc3339"}}},
	"times as floats":     {effect: harmless, list: []everflowmock.Difference{{Kind: everflowmock.DifferenceTimes, Value: "float"}}},
	"times in ms":         {list: []everflowmock.Difference{{Kind: everflowmock.DifferenceTimes, Value: "milliseconds"}}},
	"no times":            {effect: untimed, list: []everflowmock.Difference{{Kind: everflowmock.DifferenceTimes, Value: "missing"}}},
	"Date a day ahead":    {effect: clockWrong, list: []everflowmock.Difference{{Kind: everflowmock.DifferenceDateHeader, Value: "24h"}}},
	"Date a day behind":   {effect: clockWrong, list: []everflowmock.Difference{{Kind: everflowmock.DifferenceDateHeader, Value: "-24h"}}},
	"no Date":             {effect: clockWrong, list: []everflowmock.Difference{{Kind: everflowmock.DifferenceDateHeader, Value: "none"}}},
	"of another network":  {effect: foreign, lasting: true, list: []everflowmock.Difference{{Kind: everflowmock.DifferenceFieldValue, Field: "network_id", Value: "2002"}}},
	"new fields, no more": {effect: harmless, list: []everflowmock.Difference{{Kind: everflowmock.DifferenceFieldRenamed, Field: "nothing", Value: "something"}}},
}

// ofKeys are differences of the calls that answer with API keys.
var ofKeys = map[string]difference{
	"status in capitals":       {effect: harmless, list: []everflowmock.Difference{{Kind: everflowmock.DifferenceKeyStatusValues, Value: "ACTIVE,REVOKED"}}},
	"status enabled, disabled": {effect: statusUnknown, list: []everflowmock.Difference{{Kind: everflowmock.DifferenceKeyStatusValues, Value: "enabled,disabled"}}},
	"status active, inactive":  {effect: statusUnknown, list: []everflowmock.Difference{{Kind: everflowmock.DifferenceKeyStatusValues, Value: "active,inactive"}}},
	"status active, disabled":  {effect: statusUnknown, list: []everflowmock.Difference{{Kind: everflowmock.DifferenceKeyStatusValues, Value: "active,disabled"}}},
	"status suspended":         {effect: statusUnknown, list: []everflowmock.Difference{{Kind: everflowmock.DifferenceFieldValue, Field: "status", Value: "suspended"}}},
	"revoked keys vanish":      {effect: sameEnd, list: []everflowmock.Difference{{Kind: everflowmock.DifferenceRevokedNotFound}}},
	"permissions as objects":   {list: []everflowmock.Difference{{Kind: everflowmock.DifferenceFieldValue, Field: "permissions", Value: `[{"name":"Offers"},{"name":"Roles"}]`}}},
}

// ofNames are differences of the calls that set a name.
var ofNames = map[string]difference{
	"names trimmed": {effect: harmless, list: []everflowmock.Difference{{Kind: everflowmock.DifferenceNameTrimmed}}},
	"names cut":     {effect: keptOtherwise, list: []everflowmock.Difference{{Kind: everflowmock.DifferenceNameTruncated, Value: "5"}}},
	"names escaped": {effect: keptOtherwise, list: []everflowmock.Difference{{Kind: everflowmock.DifferenceNameEscaped}}},
}

// ofTables are differences of the table of keys.
var ofTables = map[string]difference{
	"paging in the body":    {effect: harmless, list: []everflowmock.Difference{{Kind: everflowmock.DifferencePageSizeCapped, Value: "2"}, {Kind: everflowmock.DifferencePagingIn, Value: "body"}}},
	"paging in the query":   {effect: harmless, list: []everflowmock.Difference{{Kind: everflowmock.DifferencePageSizeCapped, Value: "2"}, {Kind: everflowmock.DifferencePagingIn, Value: "query"}}},
	"no paging, two a page": {list: []everflowmock.Difference{{Kind: everflowmock.DifferencePageSizeCapped, Value: "2"}, {Kind: everflowmock.DifferencePagingIn, Value: "nowhere"}}},
	"no paging, all fit":    {effect: harmless, list: []everflowmock.Difference{{Kind: everflowmock.DifferencePagingIn, Value: "nowhere"}}},
	"capped":                {effect: harmless, list: []everflowmock.Difference{{Kind: everflowmock.DifferencePageSizeCapped, Value: "2"}}},
	"growing":               {effect: harmless, list: []everflowmock.Difference{{Kind: everflowmock.DifferencePageSizeCapped, Value: "2"}, {Kind: everflowmock.DifferenceKeyAddedBetweenPages}}},
	"capped, no total":      {list: []everflowmock.Difference{{Kind: everflowmock.DifferencePageSizeCapped, Value: "2"}, {Kind: everflowmock.DifferenceFieldMissing, Field: "total_count"}}},
	"filter is ignored":     {effect: harmless, list: []everflowmock.Difference{{Kind: everflowmock.DifferenceStatusFilter, Value: "ignored"}}},
	"filter finds nothing":  {list: []everflowmock.Difference{{Kind: everflowmock.DifferenceStatusFilter, Value: "nothing"}}},
}

// ofWhitelists are differences of the calls that answer with the whitelist.
var ofWhitelists = map[string]difference{
	"entries as objects": {list: []everflowmock.Difference{{Kind: everflowmock.DifferenceEntriesAsObjects, Value: "ip_address"}}},
}

// fieldsOf are the fields of each answer: each is tried missing and null.
var fieldsOf = map[string][]string{
	"getNetwork":          {"network_id", "name", "status"},
	"listEmployees":       {"network_employee_id", "network_id", "full_name", "email", "account_status"},
	"listRoles":           {"role_id", "network_id", "name", "permissions"},
	"createApiKey":        append([]string{"api_key"}, keyFields...),
	"getApiKey":           keyFields,
	"updateApiKey":        keyFields,
	"revokeApiKey":        keyFields,
	"searchApiKeys":       append([]string{"api_keys", "paging", "total_count", "page", "page_size"}, keyFields...),
	"getApiWhitelist":     {"network_id", "ip_addresses", "time_saved"},
	"replaceApiWhitelist": {"network_id", "ip_addresses", "time_saved"},
}

var keyFields = []string{
	"network_api_key_id", "network_id", "name", "network_employee_id", "permissions", "is_all_permissions",
	"status", "time_created", "time_saved", "time_last_used", "time_revoked",
}

// otherNames are plausible names of the fields that matter most.
var otherNames = map[string]string{
	"api_key": "key", "network_api_key_id": "api_key_id", "status": "api_key_status", "permissions": "permission_names",
	"api_keys": "network_api_keys", "total_count": "total", "ip_addresses": "ip_address_list",
}

// differencesOf are all rows for one call.
func differencesOf(operation string) map[string]difference {
	rows := maps.Clone(ofAnyCall)
	switch operation {
	case "getApiKey", "revokeApiKey":
		maps.Copy(rows, ofKeys)
	case "createApiKey", "updateApiKey":
		maps.Copy(rows, ofKeys)
		maps.Copy(rows, ofNames)
	case "searchApiKeys":
		maps.Copy(rows, ofKeys)
		maps.Copy(rows, ofTables)
	case "getApiWhitelist", "replaceApiWhitelist":
		maps.Copy(rows, ofWhitelists)
	}
	for _, field := range fieldsOf[operation] {
		for how, d := range map[string]everflowmock.Difference{
			"missing": {Kind: everflowmock.DifferenceFieldMissing},
			"null":    {Kind: everflowmock.DifferenceFieldNull},
		} {
			d.Field = field
			rows[field+" "+how] = difference{effect: effectOf(field), list: []everflowmock.Difference{d}}
		}
	}
	for field, name := range otherNames {
		if slices.Contains(fieldsOf[operation], field) {
			rows[field+" is "+name] = difference{list: []everflowmock.Difference{{Kind: everflowmock.DifferenceFieldRenamed, Field: field, Value: name}}}
		}
	}
	for how, row := range rows {
		rows[how] = row.of(operation)
	}
	return rows
}

// effectOf is the effect of a field that is not there.
func effectOf(field string) effect {
	if strings.HasPrefix(field, "time_") {
		return untimed
	}
	return explained
}

// of is the row for one call.
func (d difference) of(operation string) difference {
	list := make([]everflowmock.Difference, len(d.list))
	for i := range d.list {
		list[i] = d.list[i]
		list[i].Operation = operation
	}
	d.list = list
	return d
}

// differencesOfAll are rows for all calls at once.
var differencesOfAll = func() map[string]difference {
	rows := maps.Clone(ofAnyCall)
	maps.Copy(rows, ofKeys)
	maps.Copy(rows, ofTables)
	maps.Copy(rows, ofWhitelists)
	for _, field := range keyFields {
		rows[field+" missing"] = difference{effect: effectOf(field), list: []everflowmock.Difference{{Kind: everflowmock.DifferenceFieldMissing, Field: field}}}
	}
	rows["all that is harmless"] = difference{effect: harmless, list: []everflowmock.Difference{
		{Kind: everflowmock.DifferenceIDsAsStrings},
		{Kind: everflowmock.DifferenceTimes, Value: "rfc3339"},
		{Kind: everflowmock.DifferenceHTTPStatus, Value: "201"},
		{Kind: everflowmock.DifferencePageSizeCapped, Value: "2"},
		{Kind: everflowmock.DifferencePagingIn, Value: "body"},
	}}
	return rows
}()

// differencesTogether are differences of several calls at once.
var differencesTogether = map[string]difference{
	"no call for one key": {list: []everflowmock.Difference{
		{Operation: "getApiKey", Kind: everflowmock.DifferenceUnknownPath, Value: "json-404"},
		{Operation: "updateApiKey", Kind: everflowmock.DifferenceUnknownPath, Value: "json-404"},
		{Operation: "revokeApiKey", Kind: everflowmock.DifferenceUnknownPath, Value: "json-404"},
	}},
	"neither GET nor table": {list: []everflowmock.Difference{
		{Operation: "getApiKey", Kind: everflowmock.DifferenceUnknownPath, Value: "json-404"},
		{Operation: "searchApiKeys", Kind: everflowmock.DifferenceUnknownPath, Value: "json-404"},
	}},
	"neither revoke nor table": {list: []everflowmock.Difference{
		{Operation: "revokeApiKey", Kind: everflowmock.DifferenceUnknownPath, Value: "405"},
		{Operation: "searchApiKeys", Kind: everflowmock.DifferenceUnknownPath, Value: "html-404"},
	}},
	"create without a body, and no table": {nameless: true, list: []everflowmock.Difference{
		{Operation: "createApiKey", Kind: everflowmock.DifferenceNoBody},
		{Operation: "searchApiKeys", Kind: everflowmock.DifferenceUnknownPath, Value: "json-404"},
	}},
	"create without a body, table without status": {list: []everflowmock.Difference{
		{Operation: "createApiKey", Kind: everflowmock.DifferenceNoBody},
		{Operation: "searchApiKeys", Kind: everflowmock.DifferenceFieldMissing, Field: "status"},
	}},
	"create without a body, other words of a status": {list: []everflowmock.Difference{
		{Operation: "createApiKey", Kind: everflowmock.DifferenceNoBody},
		{Operation: "searchApiKeys", Kind: everflowmock.DifferenceKeyStatusValues, Value: "ACTIVE,REVOKED"},
		{Operation: "searchApiKeys", Kind: everflowmock.DifferenceStatusFilter, Value: "nothing"},
	}},
	"create without a body, names cut": {list: []everflowmock.Difference{
		{Operation: "createApiKey", Kind: everflowmock.DifferenceNoBody},
		{Operation: "createApiKey", Kind: everflowmock.DifferenceNameTruncated, Value: "5"},
	}},
}
