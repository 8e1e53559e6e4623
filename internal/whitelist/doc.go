// Package whitelist holds the rules of a network's API whitelist: what its entries
// mean, whom a change would lock out, and the one way in which the list is written.
// It knows no Terraform, and reaches the list by [Store].
package whitelist
