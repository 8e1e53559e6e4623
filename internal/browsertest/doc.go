// Package browsertest tests the mock's Control Center in a real browser. It is a
// module of its own, so that the provider's go.mod does not know the browser's driver.
package browsertest
