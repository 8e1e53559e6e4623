package everflowmock

// Network is the network whose API the server serves. Times are Unix seconds.
type Network struct {
	ID                  int64  `json:"network_id"`
	Name                string `json:"name"`
	Status              string `json:"status"`
	DefaultCurrencyID   string `json:"default_currency_id"`
	ReportingTimezoneID int64  `json:"reporting_timezone_id"`
	TimeCreated         int64  `json:"time_created"`
	TimeSaved           int64  `json:"time_saved"`
}

// OtherNetwork is another network of Everflow: calls with its keys are answered
// 403 "Out of realm".
type OtherNetwork struct {
	ID   int64             `json:"network_id"`
	Name string            `json:"name"`
	Keys []OtherNetworkKey `json:"api_keys"`
}

// OtherNetworkKey is a key of an [OtherNetwork].
type OtherNetworkKey struct {
	Name   string `json:"name"`
	APIKey string `json:"api_key,omitempty"`
	SHA256 string `json:"api_key_sha256,omitempty"`
}

func (s *Server) getNetwork(*request) (any, error) {
	return s.data.network, nil
}

// NetworkID is the ID of the server's network.
func (s *Server) NetworkID() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data.network.ID
}
