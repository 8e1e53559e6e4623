package everflowmock_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// A create whose answer is lost on the way: the key exists, and the client does not know.
func Example() {
	mock, err := everflowmock.New(everflowmock.Options{})
	if err != nil {
		panic(err)
	}
	mock.AddFault(everflowmock.Fault{Operation: "createApiKey", AfterActing: true, Kind: everflowmock.FaultReset})
	server := httptest.NewServer(mock)
	defer server.Close()

	body := strings.NewReader(`{"name":"CI","network_employee_id":1,"permissions":[],"is_all_permissions":true}`)
	req, err := http.NewRequest("POST", server.URL+"/v1/networks/security/apikeys", body)
	if err != nil {
		panic(err)
	}
	req.Header.Set("X-Eflow-API-Key", everflowmock.DemoAPIKey)
	_, err = http.DefaultClient.Do(req)
	fmt.Println("an error for the client:", err != nil)

	keys := mock.Keys()
	fmt.Println("a key on the server:", keys[len(keys)-1].Name)
	call := mock.Calls()[0]
	fmt.Println("a record of the call:", call.Operation, call.APIStatus, call.Fault)
	// Output:
	// an error for the client: true
	// a key on the server: CI
	// a record of the call: createApiKey 200 reset after acting
}
