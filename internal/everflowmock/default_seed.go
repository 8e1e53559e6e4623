package everflowmock

const (
	// DemoAPIKey is the secret of the built-in seed's admin key. It is
	// published and must protect nothing.
	DemoAPIKey = "everflow-mock-demo-key-not-a-secret"
	// DemoOtherNetworkAPIKey belongs to the built-in seed's other network: it
	// is answered 403 "Out of realm". It is published too.
	DemoOtherNetworkAPIKey = "everflow-mock-other-network-key-not-a-secret"
)

// DefaultSeed is the built-in seed: network 1001 with four employees, three
// roles, three legacy keys with unknown secrets, a key with all
// permissions for [DemoAPIKey], and an empty whitelist.
func DefaultSeed() *Seed {
	const created = 1672531200 // 2023-01-01T00:00:00Z
	return &Seed{
		Network: Network{
			ID: 1001, Name: "Example Network", Status: statusActive, DefaultCurrencyID: "USD",
			ReportingTimezoneID: 67, TimeCreated: created, TimeSaved: created,
		},
		Roles: []Role{
			{
				ID: 1, NetworkID: 1001, Name: "Administrator", Description: "Everything", TimeCreated: created, TimeSaved: created,
				Permissions: []string{"Advertisers", "Affiliates", "Employees", "Offers", "Reporting", "Roles", "Security"},
			},
			{
				ID: 2, NetworkID: 1001, Name: "Platform Engineering", Description: "Integrations and their API keys", TimeCreated: created, TimeSaved: created,
				Permissions: []string{"Employees", "Reporting", "Roles", "Security"},
			},
			{
				ID: 3, NetworkID: 1001, Name: "Account Manager", Description: "Partners and offers", TimeCreated: created, TimeSaved: created,
				Permissions: []string{"Advertisers", "Affiliates", "Offers", "Reporting"},
			},
		},
		Employees: []Employee{
			{
				ID: 1, NetworkID: 1001, FirstName: "Ada", LastName: "Admin", FullName: "Ada Admin",
				Email: "ada.admin@example.com", AccountStatus: statusActive, IsAdmin: true, RoleID: 1,
			},
			{
				ID: 2, NetworkID: 1001, FirstName: "Pat", LastName: "Platform", FullName: "Pat Platform",
				Email: "pat.platform@example.com", AccountStatus: statusActive, RoleID: 2,
			},
			{
				ID: 3, NetworkID: 1001, FirstName: "Mia", LastName: "Manager", FullName: "Mia Manager",
				Email: "mia.manager@example.com", AccountStatus: statusActive, RoleID: 3,
			},
			{
				ID: 4, NetworkID: 1001, FirstName: "Lee", LastName: "Leaver", FullName: "Lee Leaver",
				Email: "lee.leaver@example.com", AccountStatus: "inactive", RoleID: 3,
			},
		},
		Keys: []SeedKey{
			{Key: Key{
				ID: 1, NetworkID: 1001, Name: "Legacy API Key (Pat Platform)", EmployeeID: 2, IsAllPermissions: true,
				Status: statusActive, TimeCreated: created, TimeSaved: created, TimeLastUsed: created + 31536000,
				SHA256: "adcf6e6fd18915b1a85c2750d0486ff0c9600ec6e89b54cc57ccf299ac426913",
			}},
			{Key: Key{
				ID: 2, NetworkID: 1001, Name: "Legacy API Key (Mia Manager)", EmployeeID: 3, Permissions: []string{"Affiliates", "Offers"},
				Status: statusActive, TimeCreated: created, TimeSaved: created,
				SHA256: "9e836ae145557b153572c1067c4df1c7362633c55d9c7fa136fad813b2ec81eb",
			}},
			{Key: Key{
				ID: 3, NetworkID: 1001, Name: "Legacy API Key (Lee Leaver)", EmployeeID: 4, Permissions: []string{"Reporting"},
				Status: statusActive, TimeCreated: created, TimeSaved: created, TimeLastUsed: created + 15552000,
				SHA256: "d3b9902ab384b9c122657715285c6d4e1221d807863836fa28d0c685ed5436d0",
			}},
			{Key: Key{
				ID: 4, NetworkID: 1001, Name: "Terraform", EmployeeID: 1, IsAllPermissions: true,
				Status: statusActive, TimeCreated: created, TimeSaved: created,
			}, APIKey: DemoAPIKey},
		},
		Whitelist: []string{},
		OtherNetworks: []OtherNetwork{
			{ID: 2002, Name: "Other Network", Keys: []OtherNetworkKey{{Name: "Terraform", APIKey: DemoOtherNetworkAPIKey}}},
		},
	}
}
