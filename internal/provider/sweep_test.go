package provider_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

const sweepPrefix = "tf-acc-"

func init() {
	resource.AddTestSweepers("everflow_api_key", &resource.Sweeper{Name: "everflow_api_key", F: sweepAPIKeys})
}

// sweepAPIKeys revokes what tests of a real account left behind.
func sweepAPIKeys(string) error {
	if !onRealAccount() {
		return fmt.Errorf("set %s and %s to say which account to sweep", envBaseURL, envAPIKey)
	}
	api, err := everflow.New(everflow.Config{APIKey: everflow.NewSecret(os.Getenv(envAPIKey)), BaseURL: os.Getenv(envBaseURL)})
	if err != nil {
		return err
	}
	keys, err := api.APIKeys(context.Background(), everflow.APIKeyFilter{Status: everflow.StatusActive, NameContains: sweepPrefix})
	if err != nil {
		return err
	}
	for _, key := range keys {
		if !strings.HasPrefix(key.Name, sweepPrefix) {
			continue
		}
		if _, err := api.RevokeAPIKey(context.Background(), key.ID); err != nil {
			return err
		}
		fmt.Printf("revoked API key %d (%q)\n", key.ID, key.Name)
	}
	return nil
}
