// Package contract holds the contract of the Everflow API as this project uses it:
// every call, field, status and limit, in one OpenAPI document.
//
// Everflow publishes no OpenAPI file for its Security section. Operations with
// "x-everflow-source: published" follow the files that Everflow publishes for other
// sections. Operations with "x-everflow-source: assumed" follow the conventions of these
// files. Tests check the client and the mock against the document (package
// contracttest), so an edit of the document shows what else has to change.
package contract

import _ "embed"

// OpenAPI is an OpenAPI 3.0.3 document in YAML.
//
//go:embed openapi.yaml
var OpenAPI []byte
