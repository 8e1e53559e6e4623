package provider_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// consumer keeps calling the API with the key in use, the one in its file, which a
// configuration writes anew whenever the key's secret changes.
type consumer struct {
	a           *account
	file        string
	calls, keys int
	failed      []string
	stop        context.CancelFunc
	done        sync.WaitGroup
}

// hcl hands the secret over as a vault would be given it: by another
// resource that depends on the key.
func (c *consumer) hcl(secret string) string {
	return fmt.Sprintf(`
resource "terraform_data" "consumer" {
  triggers_replace = [sha256(%[1]s)]
  lifecycle { create_before_destroy = true }
  provisioner "local-exec" {
    command     = "printf %%s \"$SECRET\" >%[2]s.new && mv %[2]s.new %[2]s"
    environment = { SECRET = %[1]s }
  }
}`, secret, c.file)
}

func startConsumer(t *testing.T, a *account) *consumer {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	c := &consumer{a: a, file: filepath.Join(t.TempDir(), "secret"), stop: stop}
	c.done.Go(func() {
		last := ""
		pace := time.NewTicker(2 * time.Millisecond)
		defer pace.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-pace.C:
			}
			secret := c.inUse()
			if secret == "" {
				continue // nothing is in use yet
			}
			if secret != last {
				last = secret
				c.keys++
			}
			status := a.answerTo(secret)
			// The answer to a key that was taken out of use meanwhile counts for nobody.
			if c.calls++; status != http.StatusOK && c.inUse() == secret {
				c.failed = append(c.failed, fmt.Sprintf("call %d, with key %d, was answered %d", c.calls, c.keys, status))
			}
		}
	})
	return c
}

func (c *consumer) inUse() string {
	secret, _ := os.ReadFile(c.file)
	return string(secret)
}

// answerTo is the status that a call with the secret is answered; 0 is no answer.
func (a *account) answerTo(secret string) int {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, a.baseURL+"/v1/networks", nil)
	if err != nil {
		return 0
	}
	request.Header.Set("X-Eflow-API-Key", secret)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// end stops the calls and checks them: at least one with each of so many keys, and
// not one refused.
func (c *consumer) end(t *testing.T, keys int) {
	t.Helper()
	c.stop()
	c.done.Wait()
	if c.keys != keys || c.calls < 10 {
		t.Errorf("%d calls were made with %d keys, want some with %d", c.calls, c.keys, keys)
	}
	for _, failed := range c.failed {
		t.Error(failed)
	}
}

func TestAccKeyInUse_worksAtEveryMomentWhileApplyRotatesIt(t *testing.T) {
	t.Run("everflow_rotating_api_key", func(t *testing.T) {
		r := onRotatingMock(t)
		c := startConsumer(t, r.account)
		config := r.config(rotatingHCL() + c.hcl("everflow_rotating_api_key.test.key"))
		r.run(
			resource.TestStep{Config: config},
			resource.TestStep{PreConfig: r.passes(30 * day), Config: config},
			resource.TestStep{PreConfig: r.passes(day), Config: config}, // the old one ends
			resource.TestStep{
				// Stopped here, since what follows destroys the key.
				PreConfig: func() { c.end(t, 2) },
				Config:    config, ConfigPlanChecks: emptyPlan(),
			},
		)
	})
	t.Run("everflow_api_key", func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		c := startConsumer(t, a)
		config := func(quarter string) string {
			return a.config(fmt.Sprintf(`
resource "everflow_api_key" "test" {
  name                = "<PREFIX>billing"
  network_employee_id = <EMPLOYEE>
  all_permissions     = true
  rotate_when_changed = { quarter = %q }
  lifecycle { create_before_destroy = true }
}`, quarter) + c.hcl("everflow_api_key.test.key"))
		}
		a.run(
			resource.TestStep{Config: config("1")},
			resource.TestStep{Config: config("2")},
			resource.TestStep{
				PreConfig: func() { c.end(t, 2) },
				Config:    config("2"), ConfigPlanChecks: emptyPlan(),
			},
		)
	})
}
