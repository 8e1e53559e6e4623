package everflowmock

import (
	"net/http"
	"net/url"
	"slices"
)

// basePath is where all calls are served.
const basePath = "/v1"

// permissionSecurity is needed by an API key and by the role of its employee.
const permissionSecurity = "Security"

type operation struct {
	id           string // operationId of the contract
	pattern      string // for http.ServeMux; {id} is a positive integer
	permission   string // what the API key needs
	capitalError bool   // errors are {"Error": …}, as those of some Everflow endpoints are
	serve        func(*Server, *request) (any, error)
}

var operations = []operation{
	{id: "getNetwork", pattern: "GET /v1/networks", serve: (*Server).getNetwork},
	{id: "listEmployees", pattern: "GET /v1/networks/employees", permission: "Employees", capitalError: true, serve: (*Server).listEmployees},
	{id: "listRoles", pattern: "GET /v1/networks/roles", permission: "Roles", capitalError: true, serve: (*Server).listRoles},
	{id: "createApiKey", pattern: "POST /v1/networks/security/apikeys", permission: permissionSecurity, serve: (*Server).createAPIKey},
	{id: "getApiKey", pattern: "GET /v1/networks/security/apikeys/{id}", permission: permissionSecurity, serve: (*Server).getAPIKey},
	{id: "updateApiKey", pattern: "PUT /v1/networks/security/apikeys/{id}", permission: permissionSecurity, serve: (*Server).updateAPIKey},
	{id: "revokeApiKey", pattern: "POST /v1/networks/security/apikeys/{id}/revoke", permission: permissionSecurity, serve: (*Server).revokeAPIKey},
	{id: "searchApiKeys", pattern: "POST /v1/networks/security/apikeystable", permission: permissionSecurity, serve: (*Server).searchAPIKeys},
	{id: "getApiWhitelist", pattern: "GET /v1/networks/security/apiwhitelist", permission: permissionSecurity, serve: (*Server).getAPIWhitelist},
	{id: "replaceApiWhitelist", pattern: "PUT /v1/networks/security/apiwhitelist", permission: permissionSecurity, serve: (*Server).replaceAPIWhitelist},
}

// Operations lists the operationIds of the contract, which are the values of
// Call.Operation, Fault.Operation and Difference.Operation.
func Operations() []string {
	ids := make([]string, 0, len(operations))
	for _, op := range operations {
		ids = append(ids, op.id)
	}
	return ids
}

// routes finds the pattern of a call. Its handlers do nothing.
var routes = func() *http.ServeMux {
	mux := http.NewServeMux()
	for _, op := range operations {
		mux.HandleFunc(op.pattern, func(http.ResponseWriter, *http.Request) {})
	}
	return mux
}()

// route is what a method and a path match.
type route struct {
	operation *operation // nil for an unknown path, and for a method that the path does not have
	id        string     // what the path has for {id}, unescaped
	allow     string     // the methods of a known path, if the method is not one of them
}

// findRoute matches as http.ServeMux does: HEAD matches the pattern of GET. A path
// that ServeMux would redirect, such as one with //, is unknown.
func findRoute(method string, u *url.URL) route {
	r, unmatched := &http.Request{Method: method, URL: u}, newAnswer()
	routes.ServeHTTP(unmatched, r)
	if unmatched.status != 0 { // 404, 405 or a redirect
		return route{allow: unmatched.header.Get("Allow")}
	}
	i := slices.IndexFunc(operations, func(op operation) bool { return op.pattern == r.Pattern })
	return route{operation: &operations[i], id: r.PathValue("id")}
}
