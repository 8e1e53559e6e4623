package everflowmock

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// basePath is where all calls are served.
const basePath = "/v1"

const (
	permissionSecurity  = "Security"
	permissionEmployees = "Employees"
	permissionRoles     = "Roles"
)

type operation struct {
	id     string
	method string
	path   string // below basePath; {id} stands for a positive integer
	// permission is needed on the key; Security also on the role of the key's employee.
	permission string
	// capitalError: errors are {"Error": …}, as some of Everflow's endpoints have it.
	capitalError bool
	serve        func(*Server, *request) (any, error)
}

var operations = []operation{
	{id: "getNetwork", method: http.MethodGet, path: "/networks", serve: (*Server).getNetwork},
	{
		id: "listEmployees", method: http.MethodGet, path: "/networks/employees",
		permission: permissionEmployees, capitalError: true, serve: (*Server).listEmployees,
	},
	{
		id: "listRoles", method: http.MethodGet, path: "/networks/roles",
		permission: permissionRoles, capitalError: true, serve: (*Server).listRoles,
	},
	{
		id: "createApiKey", method: http.MethodPost, path: "/networks/security/apikeys",
		permission: permissionSecurity, serve: (*Server).createAPIKey,
	},
	{
		id: "getApiKey", method: http.MethodGet, path: "/networks/security/apikeys/{id}",
		permission: permissionSecurity, serve: (*Server).getAPIKey,
	},
	{
		id: "updateApiKey", method: http.MethodPut, path: "/networks/security/apikeys/{id}",
		permission: permissionSecurity, serve: (*Server).updateAPIKey,
	},
	{
		id: "revokeApiKey", method: http.MethodPost, path: "/networks/security/apikeys/{id}/revoke",
		permission: permissionSecurity, serve: (*Server).revokeAPIKey,
	},
	{
		id: "searchApiKeys", method: http.MethodPost, path: "/networks/security/apikeystable",
		permission: permissionSecurity, serve: (*Server).searchAPIKeys,
	},
	{
		id: "getApiWhitelist", method: http.MethodGet, path: "/networks/security/apiwhitelist",
		permission: permissionSecurity, serve: (*Server).getAPIWhitelist,
	},
	{
		id: "replaceApiWhitelist", method: http.MethodPut, path: "/networks/security/apiwhitelist",
		permission: permissionSecurity, serve: (*Server).replaceAPIWhitelist,
	},
}

// Operations lists the names of all calls that the server answers, as they
// appear in Call.Operation and Fault.Operation.
func Operations() []string {
	ids := make([]string, 0, len(operations))
	for _, op := range operations {
		ids = append(ids, op.id)
	}
	return ids
}

// route is what a request's method and path lead to. Without an operation,
// allowed has the methods that the path does know; none means that there is no such path.
type route struct {
	operation *operation
	id        string // what stands for {id}, unescaped
	allowed   []string
}

func findRoute(method, escapedPath string) (r route) {
	for i := range operations {
		op := &operations[i]
		id, ok := matchPath(basePath+op.path, escapedPath)
		if !ok {
			continue
		}
		if op.method == method {
			return route{operation: op, id: id}
		}
		r.allowed = append(r.allowed, op.method)
	}
	slices.Sort(r.allowed)
	return r
}

func matchPath(pattern, escapedPath string) (id string, ok bool) {
	want, got := strings.Split(pattern, "/"), strings.Split(escapedPath, "/")
	if len(want) != len(got) {
		return "", false
	}
	for i, w := range want {
		part, err := url.PathUnescape(got[i])
		switch {
		case err != nil:
			return "", false
		case w == "{id}":
			id = part
		case w != part:
			return "", false
		}
	}
	return id, true
}
