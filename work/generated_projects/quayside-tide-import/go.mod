module quayside.example/tideimport

go 1.22
