"""Step tables in spreadsheets: files, cells, blocks, words (see bpmn.sheets)."""
