// Package contract is the only owner of the shape of the Everflow API as this
// project uses it: every call, field, status and limit, in one OpenAPI file.
//
// Everflow publishes no file for its Security area. The operations marked
// "x-everflow-source: assumed" are this project's assumption, shaped by the
// conventions of the files that Everflow does publish; the ones marked
// "published" follow those files. The client and the mock are checked against
// the document in tests (package contracttest), so that one edit here shows
// everything that has to follow.
package contract

import _ "embed"

// OpenAPI is the contract: an OpenAPI 3.0.3 document in YAML.
//
//go:embed openapi.yaml
var OpenAPI []byte
