package browsertest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// built has the binaries under test, and browser is what tests open tabs in.
var (
	built   string
	browser context.Context
	axe     []byte
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "browsertest:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	chromium := find("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
	if chromium == "" {
		fmt.Println("SKIP: no Chromium and no Chrome is on PATH: the page was not tested in a browser.")
		return 0, nil
	}
	if axe, err = os.ReadFile("node_modules/axe-core/axe.min.js"); err != nil {
		return 0, errors.New("axe-core is not installed: run 'npm ci' in internal/browsertest")
	}
	if built, err = os.MkdirTemp("", "browsertest-"); err != nil {
		return 0, err
	}
	defer os.RemoveAll(built)
	for _, args := range [][]string{
		{"build", "-o", built + "/", "."},
		{"build", "-o", built + "/", "./internal/everflowmock/cmd/everflow-mock"},
	} {
		build := exec.Command("go", append([]string{"-C", "../.."}, args...)...)
		if out, err := build.CombinedOutput(); err != nil {
			return 0, fmt.Errorf("%s: %w\n%s", strings.Join(build.Args, " "), err, out)
		}
	}
	// No sandbox: tests often run as root in a container, and open nothing but the mock.
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.NoSandbox)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	defer stop()
	var closeBrowser context.CancelFunc
	browser, closeBrowser = chromedp.NewContext(allocator)
	defer closeBrowser()
	if err := chromedp.Do(browser); err != nil {
		return 0, fmt.Errorf("%s: %w", chromium, err)
	}
	return m.Run(), nil
}

func find(names ...string) string {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// startMock starts everflow-mock and returns the address of its page, without a slash at its end.
func startMock(t *testing.T) string {
	t.Helper()
	mock := exec.CommandContext(t.Context(), filepath.Join(built, "everflow-mock"), "-addr", "127.0.0.1:0")
	out, err := mock.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := mock.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mock.Wait() }) // the test's context has killed it
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if url, ok := strings.CutPrefix(lines.Text(), "Control Center, for people: "); ok {
			return strings.TrimSuffix(url, "/")
		}
	}
	t.Fatal("the mock did not say where its page is")
	return ""
}
