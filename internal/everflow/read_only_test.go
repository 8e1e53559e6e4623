package everflow_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

func TestReadOnly_refusesEveryWriteBeforeItIsSent(t *testing.T) {
	for _, operation := range everyOperation {
		t.Run(operation.name, func(t *testing.T) {
			t.Parallel()
			a := onMock(t, everflowmock.Options{}, func(config *everflow.Config) { config.ReadOnly = "the test" })
			_, err := operation.call(t.Context(), a.Run)
			sent := a.mock.CountCalls(operation.name)
			if !operation.writes {
				if err != nil || sent != 1 {
					t.Errorf("sent %d times: %v", sent, err)
				}
				return
			}
			if !errors.Is(err, everflow.ErrReadOnly) || !strings.Contains(err.Error(), "not sent, because the provider is read-only, as the test says") {
				t.Errorf("the error is %v", err)
			}
			if everflow.IsInDoubt(err) || everflow.IsTemporary(err) {
				t.Error("the error is in doubt, or worth a repetition")
			}
			if sent != 0 {
				t.Errorf("it was sent %d times", sent)
			}
		})
	}
}
