// Package everflowmock is a mock of the part of Everflow's API that the
// provider uses: API keys, the API whitelist, employees, roles and the network.
//
// A [Server] is an [http.Handler] that answers below /v1. It stores keys only as
// SHA-256 hashes, shows a secret once, refuses revoked keys, enforces
// permissions, the whitelist and a rate limit, and pages its lists. A [Fault]
// makes it answer wrongly, late or not at all.
//
// Everflow publishes no description of its Security section. The calls below
// /networks/security are assumed, in the style of the rest of the API. A
// [Difference] makes the server answer as the real API may: with another field,
// shape or status, or as if it did not have the path. Options.Wrap is where a check
// of the contract belongs: what passes there follows the contract, whatever the
// differences.
//
// [Server.CallFromWebInterface] acts as a person in Everflow's web interface does;
// package controlcenter serves that as pages and as JSON.
//
// The server does not imitate the e-mail that administrators get for each new key,
// the partner and advertiser portals, and any call that is not in [Operations]. It
// stores and shows a key's permissions, but checks only "Security", "Employees" and
// "Roles". HTTPS is left to the program that serves the handler.
package everflowmock
