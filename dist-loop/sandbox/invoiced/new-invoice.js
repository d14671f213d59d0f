import { z } from 'zod';
const wanted = z.object({
    customer: z.coerce.number().int(),
    number: z.string().optional(),
    items: z
        .array(z.object({ name: z.string(), quantity: z.number().positive().default(1), unit_cost: z.number() }))
        .min(1),
    metadata: z.record(z.string(), z.string()).default({}),
});
/** Writes a draft into the book, and says how the call is answered. */
export function newInvoice(book, body, now) {
    const parsed = wanted.safeParse(body);
    if (!parsed.success) {
        const param = parsed.error.issues[0]?.path.join('.') ?? '';
        return { status: 400, body: { type: 'invalid_request', message: 'A field is missing or invalid.', param } };
    }
    const { customer, number, items, metadata } = parsed.data;
    if (!book.customers.some(({ id }) => id === customer))
        return { status: 400, body: { type: 'invalid_request', message: 'No such customer.', param: 'customer' } };
    const id = Math.max(...book.invoices.map((invoice) => invoice.id)) + 1;
    const total = items.reduce((sum, item) => sum + item.quantity * item.unit_cost, 0);
    const invoice = {
        id,
        object: 'invoice',
        customer,
        number: number ?? `INV-${id}`,
        currency: 'usd',
        draft: true,
        closed: false,
        paid: false,
        status: 'draft',
        date: now,
        due_date: now + 30 * 86_400,
        items,
        total,
        balance: total,
        url: `https://dashboard.invoiced.example/invoices/${id}`,
        metadata,
    };
    book.invoices.unshift(invoice);
    return { status: 201, body: invoice };
}
