package provider

import (
	"context"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

// apiWhitelistStore is the network's list, for internal/whitelist.
type apiWhitelistStore struct{ client *everflow.Run }

func (s apiWhitelistStore) AwaitRateLimit(ctx context.Context) (context.Context, error) {
	return s.client.AwaitRateLimit(ctx)
}

func (s apiWhitelistStore) Read(ctx context.Context) (whitelist.Live, error) {
	answer, err := s.client.Whitelist(ctx)
	return liveFromAPI(answer), err
}

func (s apiWhitelistStore) Replace(ctx context.Context, next whitelist.List) (whitelist.Live, error) {
	answer, err := s.client.ReplaceWhitelist(ctx, next.Texts())
	return liveFromAPI(answer), err
}

func liveFromAPI(answer everflow.Whitelist) whitelist.Live {
	return whitelist.Live{NetworkID: answer.NetworkID, List: whitelist.ReadList(answer.IPAddresses), SavedAt: answer.SavedAt}
}
