package provider_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/acctest"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// Variables that point the acceptance tests at a real account.
const (
	envBaseURL   = "EVERFLOW_ACC_BASE_URL"
	envAPIKey    = "EVERFLOW_ACC_API_KEY"
	envEmployee  = "EVERFLOW_ACC_EMPLOYEE_EMAIL"
	envWhitelist = "EVERFLOW_ACC_WHITELIST"
)

func onRealAccount() bool { return os.Getenv(envBaseURL) != "" && os.Getenv(envAPIKey) != "" }

// account is the Everflow that a test runs against: a mock of its own, or the
// real account that the environment names.
type account struct {
	t *testing.T
	// mock is nil on a real account.
	mock            *everflowmock.Server
	baseURL, apiKey string
	// httpClient carries the calls in fake time; nil is the network.
	httpClient *http.Client
	// clock is the machine's, the mock's own where a test moves that; nil is time.Now.
	clock func() time.Time
	// api acts behind Terraform's back.
	api *everflow.Run
	// employee and permissions are what the tests' keys are made with.
	employee    everflow.Employee
	permissions []string
	// acted, if set, is told of each call that the mock has acted on.
	acted atomic.Pointer[func(*http.Request)]
	// arriving, if set, is told in fake time of each call before the mock is.
	arriving atomic.Pointer[func(*http.Request)]
	// prefix marks the names of what the tests make, for the sweeper.
	prefix string
}

// newAccount starts a test, in parallel with others. With neither terraform nor
// tofu there is nothing to run it with.
func newAccount(t *testing.T) *account {
	t.Helper()
	t.Parallel()
	needCLI(t)
	if !onRealAccount() {
		return newMockAccount(t, everflowmock.Options{})
	}
	a := &account{t: t, baseURL: os.Getenv(envBaseURL), apiKey: os.Getenv(envAPIKey)}
	a.prepare()
	return a
}

// onMock is a newAccount for tests that need to see or break the server itself.
func onMock(t *testing.T, options everflowmock.Options) *account {
	t.Helper()
	t.Parallel()
	needCLI(t)
	if onRealAccount() {
		t.Skip("runs on the bundled mock only")
	}
	return newMockAccount(t, options)
}

// forWhitelist is a newAccount for tests that change the whitelist, which on a
// real account needs an explicit yes.
func forWhitelist(t *testing.T) *account {
	t.Helper()
	if onRealAccount() && os.Getenv(envWhitelist) == "" {
		t.Skipf("changes the whitelist of a real account: set %s=1 if that is meant", envWhitelist)
	}
	return newAccount(t)
}

func newMockAccount(t *testing.T, options everflowmock.Options) *account {
	t.Helper()
	return newMockAccountOver(t, options, nil)
}

// newMockAccountOver has the secrets that the mock hands out learnt, and the
// provider's own key: one that could not be anything else in a text.
func newMockAccountOver(t *testing.T, options everflowmock.Options, secrets *secretsSeen) *account {
	t.Helper()
	a := startMock(t, options, secrets)
	a.baseURL = newServer(t, a.mock)
	a.prepare()
	a.mock.ClearCalls()
	return a
}

// startMock makes an account whose mock nobody serves yet.
func startMock(t *testing.T, options everflowmock.Options, secrets *secretsSeen) *account {
	t.Helper()
	a := &account{t: t, apiKey: everflowmock.DemoAPIKey, clock: options.Now}
	if secrets != nil {
		a.apiKey = acctest.RandString(48)
		secrets.texts = append(secrets.texts, a.apiKey)
		options.Seed = everflowmock.DefaultSeed()
		for i := range options.Seed.Keys {
			if options.Seed.Keys[i].APIKey == everflowmock.DemoAPIKey {
				options.Seed.Keys[i].APIKey = a.apiKey
			}
		}
	}
	options.Wrap = func(api http.Handler) http.Handler {
		if secrets != nil {
			api = secrets.wrap(api)
		}
		checked := theContract.Wrap(api)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			checked.ServeHTTP(w, r)
			if tell := a.acted.Load(); tell != nil {
				(*tell)(r)
			}
		})
	}
	mock, err := everflowmock.New(options)
	if err != nil {
		t.Fatal(err)
	}
	a.mock = mock
	return a
}

// newServer serves a handler until the test ends, and returns its URL.
func newServer(t testing.TB, handler http.Handler) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func (a *account) prepare() {
	a.t.Helper()
	a.prefix = sweepPrefix + acctest.RandString(8) + " "
	client, err := everflow.New(everflow.Config{APIKey: everflow.NewSecret(a.apiKey), BaseURL: a.baseURL, HTTPClient: a.httpClient})
	a.ok(err)
	a.api = everflow.NewRun(client)
	employees, err := a.api.Employees(a.t.Context())
	a.ok(err)
	email := os.Getenv(envEmployee)
	for _, employee := range employees {
		if (email == "" && employee.AccountStatus == "active") || strings.EqualFold(employee.Email, email) {
			a.employee = employee
			break
		}
	}
	roles, err := a.api.Roles(a.t.Context())
	a.ok(err)
	for _, role := range roles {
		if len(role.Permissions) >= 3 {
			a.permissions = role.Permissions[:3]
			break
		}
	}
	if a.employee.ID == 0 || len(a.permissions) == 0 {
		a.t.Fatal("the account has no active employee, or no role with three permissions")
	}
}

func (a *account) ok(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
}

// home is the address that the tests' calls come from, as the mock sees them.
var home = netip.MustParseAddr("203.0.113.10")

func fromHome(t *testing.T) *account {
	t.Helper()
	return onMock(t, everflowmock.Options{CallerAddress: home})
}

func homeMock(t *testing.T) *account {
	t.Helper()
	t.Parallel()
	return newMockAccount(t, everflowmock.Options{CallerAddress: home})
}

// onMockBeside is a second account, of another network.
func onMockBeside(t *testing.T, network int64) *account {
	t.Helper()
	seed := everflowmock.DefaultSeed()
	seed.Network.ID = network
	seed.OtherNetworks = nil
	for i := range seed.Employees {
		seed.Employees[i].NetworkID = network
	}
	for i := range seed.Roles {
		seed.Roles[i].NetworkID = network
	}
	for i := range seed.Keys {
		seed.Keys[i].NetworkID = network
	}
	return newMockAccount(t, everflowmock.Options{Seed: seed})
}
