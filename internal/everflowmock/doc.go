// Package everflowmock is a mock of the part of Everflow's API that the
// provider uses: API keys, the API whitelist, employees, roles and the network.
//
// A [Server] is an [http.Handler] that answers below /v1. It keeps keys only as
// SHA-256 hashes, shows a secret once, rejects revoked keys, enforces
// permissions, the whitelist and a rate limit, and pages its lists. A
// [Fault] makes it answer wrongly, late or not at all.
//
// Everflow publishes no description of its Security area. The calls under
// /networks/security are an assumption, shaped by the rest of the API. A
// [Difference] makes the server answer as the real API may: another field,
// shape, status, or no such path. What [Options].Wrap sees still follows the
// contract, so that a check of the contract holds whatever differs.
//
// [Server.Do] acts as a person in Everflow's web interface does; package
// controlcenter has pages and JSON over it.
//
// What it does not imitate: the e-mail that administrators get on each new key, partner and advertiser portals, and every
// call that is not in [Operations]. Key permissions are kept and answered, but only
// "Security", "Employees" and "Roles" open anything here. HTTPS is left to
// whoever serves the handler.
package everflowmock
