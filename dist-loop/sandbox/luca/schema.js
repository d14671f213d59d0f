import { connection, pagingArguments } from '../graphql/connection.js';
import { GraphqlFieldError } from '../graphql/execute.js';
import { saleInvoices } from './companies.js';
const leaf = {};
const companyId = ['companyId'];
export function lucaSchema({ companies, byCompanyId, now }) {
    return {
        types: {
            Query: {
                companies: { of: 'CompanyConnection', takes: pagingArguments },
                saleInvoices: { of: 'SaleInvoiceConnection', takes: [...pagingArguments, ...(byCompanyId ? companyId : [])] },
            },
            ...connectionTypes('Company'),
            ...connectionTypes('SaleInvoice'),
            PageInfo: { hasNextPage: leaf, hasPreviousPage: leaf, startCursor: leaf, endCursor: leaf },
            Company: { id: leaf, name: leaf, organisationNumber: leaf },
            SaleInvoice: {
                id: leaf,
                invoiceNumber: leaf,
                invoiceDate: leaf,
                dueDate: leaf,
                description: leaf,
                currency: leaf,
                amount: leaf,
                amountExcludingVat: leaf,
                paid: leaf,
                customer: { of: 'Customer' },
            },
            Customer: { id: leaf, name: leaf },
        },
        resolve(field, given) {
            if (field === 'companies')
                return connection(companies, given);
            const company = byCompanyId ? companies.find(({ id }) => id === given['companyId']) : companies[0];
            if (byCompanyId && given['companyId'] == null)
                throw new GraphqlFieldError('VALIDATION_FAILED', 'companyId is required', {
                    details: [{ field: 'companyId', message: 'is required' }],
                });
            if (!company)
                throw new GraphqlFieldError('FORBIDDEN', 'No access to this company');
            return connection(saleInvoices(company, now), given);
        },
    };
}
function connectionTypes(node) {
    return {
        [`${node}Connection`]: {
            nodes: { of: node, list: true },
            edges: { of: `${node}Edge`, list: true },
            totalCount: leaf,
            pageInfo: { of: 'PageInfo' },
        },
        [`${node}Edge`]: { cursor: leaf, node: { of: node } },
    };
}
