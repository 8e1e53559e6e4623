# For terraform test, without an account or a key. The provider is mocked: Terraform
# makes up the values of its resources and data sources. Its functions are the real ones.
mock_provider "everflow" {
  mock_data "everflow_employee" {
    defaults = { network_employee_id = 2 }
  }
}

# OpenTofu 1.12 crashes on a provider's function in an assertion of a test. In checks of
# the configuration, which the last two runs test, such functions work.
run "the_pipeline_is_let_in" {
  command = plan

  assert {
    condition     = length(setsubtract(var.pipeline_ip_addresses, everflow_api_whitelist.this.ip_addresses)) == 0
    error_message = "The pipeline would lock itself out."
  }
}

run "the_report_may_only_report" {
  command = plan

  assert {
    condition     = everflow_api_key.nightly_report.permissions == toset(["Reporting"])
    error_message = "The key of the nightly report may do more than report."
  }
}

run "a_missing_office_is_warned_of" {
  command = plan

  variables {
    admitted = { data_center = "2001:db8:40::/48" }
  }

  expect_failures = [check.whitelist_lets_in]
}

run "the_old_office_is_warned_of" {
  command = plan

  variables {
    admitted = {
      office     = "198.51.100.0/24"
      old_office = "192.0.2.64/28"
    }
  }

  expect_failures = [check.whitelist_keeps_out]
}
