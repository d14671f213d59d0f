/** The invoice on one page of PDF 1.4. */
export function invoicePdf(invoice, customer) {
    const amount = (value) => `${value.toFixed(2)} ${invoice.currency.toUpperCase()}`;
    const lines = [
        `Invoice ${invoice.number}`,
        customer,
        ...invoice.items.map((item) => `${item.quantity} x ${item.name}: ${amount(item.quantity * item.unit_cost)}`),
        `Total ${amount(invoice.total)}`,
        'Sandbox: not a real invoice',
    ];
    const shown = lines.map((line) => `(${line.replace(/[\\()]/g, '\\$&')}) Tj T*`).join('\n');
    const content = `BT /F1 14 Tf 20 TL 60 760 Td\n${shown}\nET`;
    return assemble([
        '<< /Type /Catalog /Pages 2 0 R >>',
        '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
        '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
        `<< /Length ${Buffer.byteLength(content, 'latin1')} >>\nstream\n${content}\nendstream`,
        '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ]);
}
function assemble(objects) {
    let file = '%PDF-1.4\n%\xe2\xe3\xcf\xd3\n';
    const offsets = objects.map((object, index) => {
        const offset = file.length;
        file += `${index + 1} 0 obj\n${object}\nendobj\n`;
        return offset;
    });
    const table = offsets.map((offset) => `${offset.toString().padStart(10, '0')} 00000 n \n`).join('');
    const size = objects.length + 1;
    const xref = `xref\n0 ${size}\n0000000000 65535 f \n${table}`;
    return Buffer.from(`${file}${xref}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`, 'latin1');
}
