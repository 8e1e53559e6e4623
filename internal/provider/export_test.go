package provider

import (
	"net/http"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// NewServerOver is NewServer whose calls the client carries.
func NewServerOver(version string, client *http.Client) (tfprotov6.ProviderServer, error) {
	return newServer(&everflowProvider{version: version, open: &openKeys{}, httpClient: client})
}
