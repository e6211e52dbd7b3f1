"""Tables that people send, CSV or XLSX: encoding, header, rows. A service says which columns there are and reads the cells."""

from cec_chassis.csv_upload.columns import Columns, CsvHeaderInvalid
from cec_chassis.csv_upload.encoding import FileEncodingUnknown, text_of
from cec_chassis.csv_upload.operation import csv_operation
from cec_chassis.csv_upload.rows import MOST_ROWS, CsvMalformed, CsvRow, TooManyRows, rows_of
from cec_chassis.csv_upload.spreadsheet import SPREADSHEET, SpreadsheetNotPlain, SpreadsheetUnreadable
from cec_chassis.csv_upload.upload import read_upload

__all__ = [
    "MOST_ROWS",
    "SPREADSHEET",
    "Columns",
    "CsvHeaderInvalid",
    "CsvMalformed",
    "CsvRow",
    "FileEncodingUnknown",
    "SpreadsheetNotPlain",
    "SpreadsheetUnreadable",
    "TooManyRows",
    "csv_operation",
    "read_upload",
    "rows_of",
    "text_of",
]
