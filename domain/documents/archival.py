"""PURE: what a PDF/A-2b file says of itself, ISO 19005-2 section 6.6: the same as its document information, and nothing of the present."""

from __future__ import annotations

from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

_FORM = """<x:xmpmeta xmlns:x="adobe:ns:meta/">
  <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
    <rdf:Description rdf:about="" xmp:CreatorTool={creator} xmp:CreateDate={at} xmp:ModifyDate={at} xmp:MetadataDate={at}
      pdf:Producer={producer}>
      <pdfaid:part>2</pdfaid:part>
      <pdfaid:conformance>B</pdfaid:conformance>
      <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
      <dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
    </rdf:Description>
  </rdf:RDF>
</x:xmpmeta>"""


def metadata(*, title: str, author: str, creator: str, producer: str, at: datetime) -> str:
    """The file's metadata; fpdf2 would make them itself, but with the present instant in them, so that no two files were the same."""
    return _FORM.format(
        title=escape(title),
        author=escape(author),
        creator=quoteattr(creator),
        producer=quoteattr(producer),
        at=quoteattr(at.isoformat(timespec="seconds")),
    )
