package provider_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/acctest"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
	"github.com/everflow-community/terraform-provider-everflow/internal/provider"
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

const sweepPrefix = "tf-acc-"

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

// config is a whole configuration: the provider block, then the given HCL, in
// which <EMPLOYEE>, <PREFIX> and <PERMISSION1> to <PERMISSION3> are replaced.
func (a *account) config(hcl string) string { return a.configWith("", hcl) }

// configWith adds arguments to the provider block.
func (a *account) configWith(arguments, hcl string) string {
	block := fmt.Sprintf("provider \"everflow\" {\n  api_key  = %q\n  base_url = %q\n  %s\n}\n", a.apiKey, a.baseURL, arguments)
	replace := []string{"<EMPLOYEE>", strconv.FormatInt(a.employee.ID, 10), "<PREFIX>", a.prefix}
	for i, permission := range a.permissions {
		replace = append(replace, fmt.Sprintf("<PERMISSION%d>", i+1), permission)
	}
	return block + strings.NewReplacer(replace...).Replace(hcl)
}

// run runs an acceptance test case, whatever TF_ACC says.
func (a *account) run(steps ...resource.TestStep) {
	a.t.Helper()
	resource.Test(a.t, resource.TestCase{
		IsUnitTest:               true,
		ProtoV6ProviderFactories: a.factories(),
		Steps:                    steps,
	})
	a.nothingLeft()
}

func factories(version string) map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"everflow": func() (tfprotov6.ProviderServer, error) { return provider.NewServer(version) },
	}
}

// factories are of a provider on a machine with the account's clock.
func (a *account) factories() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"everflow": func() (tfprotov6.ProviderServer, error) { return provider.NewServerOver("test", nil, a.clock) },
	}
}

// nothingLeft checks that each key of the test is revoked, once it is destroyed.
func (a *account) nothingLeft() {
	a.t.Helper()
	live, err := a.api.Client.APIKeys(context.Background(), everflow.APIKeyFilter{Status: everflow.StatusActive, NameContains: a.prefix})
	a.ok(err)
	if len(live) > 0 {
		a.t.Errorf("still live after destroy: %v", live)
	}
}

// key returns the test's one live key of a name.
func (a *account) key(name string) everflow.APIKey {
	a.t.Helper()
	live, err := a.api.Client.APIKeys(context.Background(), everflow.APIKeyFilter{Status: everflow.StatusActive, NameContains: a.prefix + name})
	a.ok(err)
	live = slices.DeleteFunc(live, func(key everflow.APIKey) bool { return key.Name != a.prefix+name })
	if len(live) != 1 {
		a.t.Fatalf("%d live keys are named %q, want 1", len(live), a.prefix+name)
	}
	return live[0]
}

// whitelist returns the live list, sorted.
func (a *account) whitelist() []string {
	a.t.Helper()
	list, err := a.api.Whitelist(context.Background())
	a.ok(err)
	slices.Sort(list.IPAddresses)
	return list.IPAddresses
}

func (a *account) setWhitelist(entries ...string) {
	a.t.Helper()
	_, err := a.api.ReplaceWhitelist(context.Background(), entries)
	a.ok(err)
}

func (a *account) networkID() string {
	a.t.Helper()
	id, err := a.api.NetworkID(context.Background())
	a.ok(err)
	return strconv.FormatInt(id, 10)
}

// says matches an output that holds these texts in this order, wherever Terraform
// breaks its lines.
func says(texts ...string) *regexp.Regexp {
	parts := make([]string, len(texts))
	for i, text := range texts {
		parts[i] = strings.ReplaceAll(regexp.QuoteMeta(text), " ", `\s+`)
	}
	return regexp.MustCompile(`(?s)` + strings.Join(parts, `.*`))
}

// emptyPlan checks that a configuration plans nothing.
func emptyPlan() resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
}

// planned checks what is planned for a resource.
func planned(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

// planFile is a plan check by any type that looks at the plan's JSON form.
type planFile struct {
	check interface{ CheckPlan(*tfjson.Plan) error }
}

func (p planFile) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	resp.Error = p.check.CheckPlan(req.Plan)
}

// betweenPlanAndApply runs while a plan waits to be applied.
type betweenPlanAndApply func()

func (f betweenPlanAndApply) CheckPlan(*tfjson.Plan) error {
	f()
	return nil
}

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
