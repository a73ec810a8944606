"""Parses the files of the Windows service: prints the XML's elements as JSON, one [name, text, attributes] each; fails for PowerShell that
does not parse, and tells the lines.

    python3 parse_windows.py brine-agent.xml install.ps1
"""

import json
import sys
import xml.etree.ElementTree as ElementTree

import tree_sitter
import tree_sitter_powershell

xml_file, script_file = sys.argv[1:]
with open(script_file, "rb") as script:
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
    wrong, nodes = [], [parser.parse(script.read()).root_node]
while nodes:
    node = nodes.pop()
    if node.is_error or node.is_missing:
        wrong.append(f"line {node.start_point[0] + 1}: {node.text.decode()[:60]!r}")
    nodes.extend(node.children)
if wrong:
    sys.exit("\n".join(wrong))
root = ElementTree.parse(xml_file).getroot()
print(json.dumps([[each.tag, (each.text or "").strip(), each.attrib] for each in root.iter()]))
