// Command tidetable writes one CSV for each month of a yearly tide table.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"quayside.example/tideimport"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: tidetable YEAR.txt FOLDER")
	}
	table, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	defer table.Close()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		log.Fatal(err)
	}
	extremes, err := tideimport.Read(table, zone)
	if err != nil {
		log.Fatalf("%s, %v", os.Args[1], err)
	}
	months := map[string]string{}
	for _, extreme := range extremes {
		month := extreme.At.Format("2006-01")
		months[month] += fmt.Sprintf("%s,%d\n", extreme.At.Format("2006-01-02T15:04Z"), extreme.HeightCM)
	}
	for month, rows := range months {
		name := filepath.Join(os.Args[2], "tides-"+month+".csv")
		if err := os.WriteFile(name, []byte("time_utc,height_cm\n"+rows), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
