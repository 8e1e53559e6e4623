package provider

import "time"

// machineTime is the machine's clock.
func machineTime() time.Time { return time.Now() }
