// Command containerd-hosts says whom containerd asks for images of a host, by containerd's own resolver. It reads lines of JSON, each
// with a root of hosts.toml files and a host, and writes for each what containerd 1.7 and 2 make of them.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"

	older "github.com/containerd/containerd/remotes/docker/config"
	newer "github.com/containerd/containerd/v2/core/remotes/docker/config"
	"github.com/sirupsen/logrus"
)

type question struct {
	Root string `json:"root"`
	Host string `json:"host"`
}

type host struct {
	Scheme string `json:"scheme"`
	Host   string `json:"host"`
	Path   string `json:"path"`
}

type answer struct {
	// Nil where pulls fail.
	Older []host `json:"older"`
	Newer []host `json:"newer"`
}

func main() {
	logrus.SetOutput(io.Discard)
	ctx := context.Background()
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		told := answer{
			Older: try(func() (found []host, err error) {
				hosts, err := older.ConfigureHosts(ctx, older.HostOptions{HostDir: older.HostDirFromRoot(asked.Root)})(asked.Host)
				for _, each := range hosts {
					found = append(found, host{each.Scheme, each.Host, each.Path})
				}
				return found, err
			}),
			Newer: try(func() (found []host, err error) {
				hosts, err := newer.ConfigureHosts(ctx, newer.HostOptions{HostDir: newer.HostDirFromRoot(asked.Root)})(asked.Host)
				for _, each := range hosts {
					found = append(found, host{each.Scheme, each.Host, each.Path})
				}
				return found, err
			}),
		}
		if err := out.Encode(told); err != nil {
			panic(err)
		}
	}
}

// try gives what was found, or nil where pulls fail. Some files make containerd 1.7 panic.
func try(resolve func() ([]host, error)) (found []host) {
	defer func() {
		if recover() != nil {
			found = nil
		}
	}()
	found, err := resolve()
	if err != nil {
		return nil
	}
	return append([]host{}, found...)
}
