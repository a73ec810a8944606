<#
.SYNOPSIS
Installs the Brine agent as a Windows service, or removes it.

.DESCRIPTION
Run as administrator, from a package that was installed where the service may read and others may not write:
`npm install --prefix "$env:ProgramFiles\Brine" @brine/agent`. Needs WinSW 2.12 (https://github.com/winsw/winsw), which this
script does not download: name the file with -WinSW. Run again, it brings an existing service up to date.

.EXAMPLE
.\install.ps1 -WinSW .\WinSW-x64.exe -Root D:\Payloads

.EXAMPLE
.\install.ps1 -Uninstall
#>
[CmdletBinding(DefaultParameterSetName = 'Install')]
param(
    # The wrapper's executable.
    [Parameter(Mandatory, ParameterSetName = 'Install')]
    [string] $WinSW,

    # The directory below which payloads may stand. Made if it is not there.
    [Parameter(Mandatory, ParameterSetName = 'Install')]
    [string] $Root,

    # Removes the service; payloads and state stay.
    [Parameter(Mandatory, ParameterSetName = 'Uninstall')]
    [switch] $Uninstall
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$principal = New-Object Security.Principal.WindowsPrincipal([Security.Principal.WindowsIdentity]::GetCurrent())
if (-not $principal.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
    throw 'Run this as administrator: it installs a service.'
}

$folder = Join-Path $env:ProgramData 'Brine'
$service = Join-Path $folder 'service'
$wrapper = Join-Path $service 'brine-agent.exe'

function Invoke-Checked {
    param([string] $Program, [string[]] $Arguments)
    & $Program @Arguments
    if ($LASTEXITCODE -ne 0) { throw "$Program $Arguments ended with $LASTEXITCODE" }
}

if ($Uninstall) {
    if (-not (Test-Path $wrapper)) { throw "There is no service here: $wrapper is missing." }
    if (Get-Service -Name 'BrineAgent' -ErrorAction SilentlyContinue) {
        Stop-Service -Name 'BrineAgent' -ErrorAction SilentlyContinue
        Invoke-Checked $wrapper @('uninstall')
    }
    Remove-NetFirewallRule -Group 'Brine' -ErrorAction SilentlyContinue
    Write-Output "The service is gone. Payloads, and orders in $folder, are where they were."
    return
}

$node = (Get-Command node.exe -ErrorAction Stop).Source
$brine = Join-Path (Split-Path -Parent (Split-Path -Parent $PSScriptRoot)) 'bin\brine.js'
if (-not (Test-Path $brine)) { throw "$brine is missing: run this script from the installed package." }

if ($brine.StartsWith($env:USERPROFILE, [StringComparison]::OrdinalIgnoreCase)) {
    throw "$brine lies in a user's folder, which the service cannot read. Install it with: npm install --prefix `"$env:ProgramFiles\Brine`" @brine/agent"
}

# Anybody may make folders in ProgramData. What lies there decides what the service does, so it must not be anybody's but ours.
$known = '*S-1-5-18', '*S-1-5-32-544'
if (Test-Path $folder) {
    $owner = (Get-Acl $folder).GetOwner([Security.Principal.SecurityIdentifier]).Value
    if ($owner -notin 'S-1-5-18', 'S-1-5-32-544') {
        throw "$folder belongs to $owner, not to the administrators. Look at what lies there and remove it first."
    }
}
New-Item -ItemType Directory -Force -Path $folder, $service, (Join-Path $folder 'state'), (Join-Path $folder 'log'), $Root | Out-Null
Invoke-Checked icacls.exe (@($folder, '/setowner', '*S-1-5-32-544', '/t', '/c', '/q'))
Invoke-Checked icacls.exe (@($folder, '/inheritance:r', '/grant:r') + ($known | ForEach-Object { "${_}:(OI)(CI)F" }) + @('*S-1-5-19:(OI)(CI)RX', '/q'))
# LocalService (S-1-5-19) writes its state, its log and payloads, and nothing else.
foreach ($own in (Join-Path $folder 'state'), (Join-Path $folder 'log'), $Root) {
    Invoke-Checked icacls.exe @($own, '/grant', '*S-1-5-19:(OI)(CI)M', '/q')
}

$settings = Join-Path $folder 'agent.yaml'
if (-not (Test-Path $settings)) {
    (Get-Content -Raw (Join-Path $PSScriptRoot 'agent.yaml')).Replace('@ROOT@', (Resolve-Path $Root).Path.Replace("'", "''")) |
        Set-Content -Encoding utf8 $settings
}

# Peers come in from other machines; the API stays on this one. UDP 6771 is how machines of a LAN find each other.
Remove-NetFirewallRule -Group 'Brine' -ErrorAction SilentlyContinue
$rule = @{ Group = 'Brine'; Direction = 'Inbound'; Action = 'Allow'; Program = $node }
New-NetFirewallRule @rule -DisplayName 'Brine: peers' -Protocol TCP -LocalPort '6881-6889' | Out-Null
New-NetFirewallRule @rule -DisplayName 'Brine: local discovery' -Protocol UDP -LocalPort 6771 | Out-Null

$isInstalled = [bool] (Get-Service -Name 'BrineAgent' -ErrorAction SilentlyContinue)
if ($isInstalled) { Stop-Service -Name 'BrineAgent' }
Copy-Item -Force $WinSW $wrapper
$escape = { param([string] $text) [Security.SecurityElement]::Escape($text) }
(Get-Content -Raw (Join-Path $PSScriptRoot 'brine-agent.xml')).Replace('@NODE@', (& $escape $node)).Replace('@BRINE@', (& $escape $brine)) |
    Set-Content -Encoding utf8 (Join-Path $service 'brine-agent.xml')
if (-not $isInstalled) { Invoke-Checked $wrapper @('install') }
Start-Service -Name 'BrineAgent'
Write-Output "The agent runs. From an administrator's prompt: node `"$brine`" status"
