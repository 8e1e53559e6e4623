package provider

import (
	"net/http"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// NewServerOver is NewServer whose calls the client carries, on a machine with this
// clock. Nil of either is the usual one.
func NewServerOver(version string, client *http.Client, clock func() time.Time) (tfprotov6.ProviderServer, error) {
	return newServer(&everflowProvider{version: version, shortLived: &shortLivedKeys{}, httpClient: client, now: clock})
}
