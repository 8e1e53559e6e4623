# Keys of one employee that were not used since the start of 2025. Each list block
# writes its own configuration: make sure that no key is in two of them.
list "everflow_api_key" "forgotten" {
  provider         = everflow
  include_resource = true

  config {
    network_employee_id = 4
    not_used_since      = "2025-01-01T00:00:00Z"
  }
}
