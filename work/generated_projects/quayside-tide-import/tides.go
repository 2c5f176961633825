// Package tideimport reads the yearly tide table of a port.
package tideimport

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Extreme is one high or low water.
type Extreme struct {
	At       time.Time // UTC
	HeightCM int       // over chart datum
}

// Read reads a table: one day per line, "2026-10-24  03:10 41  09:22 7  ...", in the time of the zone.
func Read(table io.Reader, zone *time.Location) ([]Extreme, error) {
	var found []Extreme
	lines := bufio.NewScanner(table)
	for number := 1; lines.Scan(); number++ {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		day, err := extremesOf(fields, zone)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		found = append(found, day...)
	}
	return found, lines.Err()
}

func extremesOf(fields []string, zone *time.Location) ([]Extreme, error) {
	count := (len(fields) - 1) / 2
	if len(fields)%2 == 0 || count < 3 || count > 5 {
		return nil, fmt.Errorf("a day has three to five extremes, not %d", count)
	}
	day := make([]Extreme, 0, count)
	for i := 1; i < len(fields); i += 2 {
		at, err := time.ParseInLocation("2006-01-02 15:04", fields[0]+" "+fields[i], zone)
		if err != nil {
			return nil, err
		}
		decimetres, err := strconv.Atoi(fields[i+1])
		if err != nil {
			return nil, fmt.Errorf("%q is no height", fields[i+1])
		}
		day = append(day, Extreme{at.UTC(), decimetres * 10})
	}
	return day, nil
}
