-- Drives `gl lsp` in Neovim (0.7 or newer), in a folder with a copy of the guidelines: findings, hover, definition, rename.

local gl = os.getenv('GL')
local patience = 60000
local name = 'urinary_retention'
local new_name = 'retention_of_urine'

local function fail(message)
  io.stderr:write('\nneovim: ' .. message .. '\n')
  vim.cmd('cquit 1')
end

local function check(condition, message)
  if not condition then fail(message) end
end

local function step(message)
  io.stdout:write('neovim: ' .. message .. '\n')
end

local function main()
  vim.cmd('edit numbness.gl')
  local buffer = vim.api.nvim_get_current_buf()
  local initialized = false
  local id = vim.lsp.start_client({
    name = 'gl',
    cmd = { gl, 'lsp' },
    root_dir = vim.fn.getcwd(),
    workspace_folders = { { uri = vim.uri_from_fname(vim.fn.getcwd()), name = 'guidelines' } },
    on_init = function() initialized = true end,
  })
  check(id, 'the server does not start')
  check(vim.wait(patience, function() return initialized end), 'the server does not answer')
  vim.lsp.buf_attach_client(buffer, id)
  local client = vim.lsp.get_client_by_id(id)

  local function lines() return vim.api.nvim_buf_get_lines(buffer, 0, -1, false) end

  -- The first line after `from` that holds a text, and where it stands in it; both from 0.
  local function find(text, from)
    for row, line in ipairs(lines()) do
      local column = line:find(text, 1, true)
      if column and row > (from or 0) then return row - 1, column - 1 end
    end
    fail('`' .. text .. '` is not in the buffer')
  end

  local function position(row, column)
    return { textDocument = { uri = vim.uri_from_bufnr(buffer) }, position = { line = row, character = column } }
  end

  local function ask(method, params)
    local answers, why = vim.lsp.buf_request_sync(buffer, method, params, patience)
    check(answers, method .. ': ' .. tostring(why))
    local answer = answers[id] or {}
    check(not answer.error, method .. ': ' .. vim.inspect(answer.error))
    return answer.result
  end

  local function findings() return vim.diagnostic.get(buffer) end

  local function has(code)
    for _, finding in ipairs(findings()) do
      if tostring(finding.code) == code then return finding end
    end
  end

  -- A mistake is shown where it is made, and goes when it is mended.
  local row, column = find(name)
  vim.api.nvim_buf_set_text(buffer, row, column, row, column + #name, { 'urinary_retentoin' })
  check(vim.wait(patience, function() return has('GL101') end, 20), 'a name that is not declared is not shown')
  check(has('GL101').lnum == row, 'the finding stands on another line: ' .. vim.inspect(findings()))
  step('findings come')
  vim.api.nvim_buf_set_text(buffer, row, column, row, column + #'urinary_retentoin', { name })
  check(vim.wait(patience, function() return not has('GL101') end, 20), 'the finding stays')
  step('findings go')

  -- Hover says what the fact is.
  local hover = ask('textDocument/hover', position(row, column + 3))
  check(hover and vim.inspect(hover.contents):find('Urinary retention', 1, true), 'hover: ' .. vim.inspect(hover))
  step('hover')

  -- Its definition stands in another file.
  local definition = ask('textDocument/definition', position(row, column + 3))
  local place = definition and (definition[1] or definition)
  local uri = place and (place.uri or place.targetUri)
  check(uri and uri:find('vocabulary.gl', 1, true), 'definition: ' .. vim.inspect(definition))
  vim.cmd('edit ' .. vim.uri_to_fname(uri))
  local range = place.range or place.targetSelectionRange
  local line = vim.api.nvim_buf_get_lines(0, range.start.line, range.start.line + 1, false)[1]
  check(line:find('fact ' .. name, 1, true), 'the definition leads to: ' .. tostring(line))
  vim.cmd('buffer ' .. buffer)
  step('definition')

  -- Renaming changes every file.
  local edit = ask('textDocument/rename', vim.tbl_extend('error', position(row, column + 3), { newName = new_name }))
  check(edit, 'rename gives nothing')
  vim.lsp.util.apply_workspace_edit(edit, client.offset_encoding)
  vim.cmd('silent wall')
  for _, path in ipairs(vim.fn.glob('*.gl', false, true)) do
    for number, text in ipairs(vim.fn.readfile(path)) do
      -- Labels and questions speak of it in words of their own.
      local is_name = (' ' .. text .. ' '):find('[^%w_]' .. name .. '[^%w_]')
      check(not is_name, path .. ':' .. number .. ' still has the old name')
    end
  end
  check(vim.fn.join(vim.fn.readfile('vocabulary.gl'), '\n'):find('fact ' .. new_name, 1, true), 'the declaration is not renamed')
  step('rename')

  vim.lsp.stop_client(id)
  check(vim.wait(patience, function() return vim.lsp.client_is_stopped(id) end, 20), 'the server does not end')
  step('all is well')
  vim.cmd('qall!')
end

local ok, why = pcall(main)
if not ok then fail(tostring(why)) end
