"""What is handed to people: numbers and dates as they write them, cells of spreadsheets, printed pages. Knows nothing of the business."""
