package tideimport

import (
	"strings"
	"testing"
	"time"
)

func TestSummerTimeEndsInTheMiddleOfTheTable(t *testing.T) {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Skip("no time zones here")
	}
	table := "2026-10-24  03:10 41  09:22 7  15:35 43\n2026-10-26  03:48 44  10:01 5  16:12 45\n"
	found, err := Read(strings.NewReader(table), zone)
	if err != nil {
		t.Fatal(err)
	}
	if got := found[0].At.Format("15:04"); got != "02:10" {
		t.Errorf("in summer time 03:10 is 02:10 UTC, not %s", got)
	}
	if got := found[3].At.Format("15:04"); got != "03:48" {
		t.Errorf("in winter time 03:48 is 03:48 UTC, not %s", got)
	}
}

func TestADayThatIsNotWholeIsRefusedWithItsLine(t *testing.T) {
	_, err := Read(strings.NewReader("# table\n2026-10-24  03:10 41\n"), time.UTC)
	if err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("got %v", err)
	}
}
