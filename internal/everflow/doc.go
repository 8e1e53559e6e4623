// Package everflow is a client of Everflow's network API: the Security section
// (API keys and the API whitelist) and the few objects around it (network,
// employees, roles). It does not depend on Terraform.
//
// The paths and shapes of every call are owned by internal/contract/openapi.yaml,
// which also says which of them Everflow publishes and which are assumed.
package everflow
